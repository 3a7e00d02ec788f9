package portal

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// States of a crossing, as words of the JSON and of keys.
const (
	stateWorking = "working"      // its log has brought news within its own period
	stateSilent  = "silent"       // it has not: nobody says that it is closed
	stateUnknown = "unknown"      // no status of it has come yet
	stateFrozen  = "contradicted" // its log contradicts itself
)

// regimes are those of record.RegimeBody. Any other word is left out: it would be a captured post's own text on everybody's page.
var regimes = []string{"relaxed", "unrecorded"}

// A Crossing is one crossing point as /crossings.json has it. Times are UTC ms, 0 where there is none.
type Crossing struct {
	Node    string   `json:"node"`
	Label   string   `json:"label"`
	Traffic string   `json:"traffic"` // road, sea, air, rail
	Lat     *float64 `json:"lat"`     // degrees; null where nobody has told
	Lon     *float64 `json:"lon"`
	State   string   `json:"state"`
	Regime  string   `json:"regime,omitempty"` // "relaxed" or "unrecorded": checks are relaxed, or passages not recorded, by law
	Heard   int64    `json:"heard"`            // last news of its log
	Why     string   `json:"why,omitempty"`    // of a contradicted log

	From        int64 `json:"from"` // the stretch that is counted
	To          int64 `json:"to"`
	Gaps        bool  `json:"gaps"` // counts of a part of the stretch have not come
	Entries     int   `json:"entries"`
	Exits       int   `json:"exits"`
	Refusals    int   `json:"refusals"`
	Vehicles    int   `json:"vehicles"`
	VehiclesIn  int   `json:"vehicles_in"`
	VehiclesOut int   `json:"vehicles_out"`

	Waiting   *int  `json:"waiting"` // seconds in the queue; null: not measured
	WaitingAt int64 `json:"waiting_at"`

	Record *Source `json:"record"` // the newest status record, from which State and Waiting come; null where there is none
}

// A Source is a signed record and where its proof is.
type Source struct {
	Origin string `json:"origin"`
	Index  uint64 `json:"index"`
	Proof  string `json:"proof"` // address of a C2SP tlog-proof with the record in it
}

// Crossings tells how every post of the roster is, in the order of their labels.
func (p *Portal) Crossings() []Crossing {
	now, out := p.now(), []Crossing{}
	for _, n := range p.State().Roster.Living(roster.Post) {
		c := Crossing{Node: n.Name, Label: cmp.Or(n.Place, n.Name), Traffic: n.Traffic, State: stateUnknown}
		for _, pl := range p.opt.Places {
			if pl.Name == n.Name {
				c.Label, c.Lat, c.Lon = cmp.Or(pl.Label, c.Label), &pl.Lat, &pl.Lon
			}
		}
		if l := p.living(n.Name); l != nil {
			c.read(l, now)
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Crossing) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// read fills in what a log says.
func (c *Crossing) read(l *heldLog, now int64) {
	c.Heard = l.news.Load()
	c.Why = l.frozen()
	held, err := l.Held(0, l.Size(), maxStatuses)
	var newest record.StatusOpen
	for _, x := range held {
		open, oerr := proof.OpenStatus(x.Leaf, x.Part.Body)
		if oerr != nil {
			continue // verified when it came; a damaged file shows less and nothing false
		}
		if c.Record == nil {
			newest = open
			c.Record = &Source{l.Origin(), x.Index, proofPath(l.Origin(), x.Index)}
			c.From, c.To = open.To, open.To
		}
		if open.To <= newest.To-shownHours.Milliseconds() || open.To > c.From+minPeriod.Milliseconds() {
			break
		}
		c.Gaps = c.Gaps || c.From-open.To > minPeriod.Milliseconds()
		c.From = open.From
		c.add(open)
	}
	if c.Record == nil || err != nil {
		if c.Why != "" {
			c.State = stateFrozen
		}
		return
	}
	c.Heard = max(c.Heard, min(newest.To, now))
	if slices.Contains(regimes, newest.Regime) {
		c.Regime = newest.Regime
	}
	if newest.WaitingAt > 0 {
		c.Waiting, c.WaitingAt = &newest.Waiting, newest.WaitingAt
	}
	c.State = stateWorking
	period := min(max(newest.To-newest.From, minPeriod.Milliseconds()), maxPeriod.Milliseconds())
	switch {
	case c.Why != "":
		c.State = stateFrozen
	case now-c.Heard > silentFactor*period+silentGrace.Milliseconds():
		c.State = stateSilent
	}
}

func (c *Crossing) add(o record.StatusOpen) {
	c.Entries += o.Entries
	c.Exits += o.Exits
	c.Refusals += o.Refusals
	c.Vehicles += o.Vehicles
	c.VehiclesIn += o.VehiclesIn
	c.VehiclesOut += o.VehiclesOut
}

func proofPath(origin string, index uint64) string {
	return "/proof/" + tlog.DirName(origin) + "/" + strconv.FormatUint(index, 10)
}

// listing is /crossings.json.
type listing struct {
	Country   string     `json:"country"`
	At        int64      `json:"at"` // UTC ms by the portal's clock
	Zone      string     `json:"zone"`
	Crossings []Crossing `json:"crossings"`

	Contradictions []Contradiction `json:"contradictions"`
}

func (p *Portal) listing() listing {
	return listing{p.ring.Country(), p.now(), p.zone.String(), p.Crossings(), p.Contradictions()}
}

func (p *Portal) serveJSON(w http.ResponseWriter, r *http.Request) {
	b, err := json.MarshalIndent(p.listing(), "", " ")
	if err != nil {
		p.pages.Fail(w, r, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*") // public figures, for anybody's page
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Write(b)
}

// serveProof gives a record of any log here as a C2SP tlog-proof: a status record with its counts, of others the hash alone.
func (p *Portal) serveProof(w http.ResponseWriter, r *http.Request) {
	l, ok := p.byDir(r.PathValue("log"))
	index, err := strconv.ParseUint(r.PathValue("index"), 10, 55)
	if !ok || err != nil {
		p.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	if !p.limit.Allow(r.RemoteAddr, p.opt.Now()) {
		p.pages.Fail(w, r, http.StatusTooManyRequests)
		return
	}
	b, err := p.proofOf(l, index, "")
	if err != nil {
		p.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	sendProof(w, l, index, b)
}

func sendProof(w http.ResponseWriter, l *heldLog, index uint64, b []byte) {
	name := strings.ReplaceAll(l.Origin(), "/", "-") + "-" + strconv.FormatUint(index, 10) + proof.Extension
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Write(b)
}

// proofOf makes the proof of a record, about a receipt where one is given.
func (p *Portal) proofOf(l *heldLog, index uint64, receipt string) ([]byte, error) {
	x := proof.Extra{Receipt: receipt, Epochs: []roster.SignedEpoch{l.epoch}}
	held, err := l.Held(index, index+1, 1)
	if err != nil {
		return nil, err
	}
	if receipt == "" && len(held) == 1 {
		x.Leaf, x.Part = held[0].Leaf, held[0].Part.Body
	}
	for _, c := range l.Cosigned() {
		for _, other := range p.all() {
			if strings.HasPrefix(other.epoch.Epoch.MirrorKey, c.Name+"+") && c.Size > index && other != l {
				x.Epochs = append(x.Epochs, other.epoch)
			}
		}
	}
	return proof.Make(l.Hashes, index, x)
}

// age is how old a time is, never negative.
func age(now, then int64) time.Duration {
	return time.Duration(max(0, now-then)) * time.Millisecond
}
