package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/watchlist"
)

const (
	// UrgentDays is how long an urgent alert of a post lasts at most, MaxFoundAlerts how many a search answers with.
	UrgentDays     = urgentDays
	MaxFoundAlerts = maxFoundAlerts
)

// ErrAlertQuery: a question about alerts that asks for nothing.
var ErrAlertQuery = errors.New("a search among alerts needs an id, a name, a document or a vehicle")

// An AlertQuery is what an analyst looks for among alerts, in one way: by id, by name, by document or by vehicle.
type AlertQuery struct {
	List, ID           string // of the alert; all lists where List is empty
	Primary, Secondary string
	Birth              border.PartialDate // beside a name
	Issuer, Number     string
	Country, Plate     string
	VIN                string
}

// A FoundAlert is one version of an alert as this node knows it.
type FoundAlert struct {
	Alert   border.Alert
	Score   float64 // of the name, document or vehicle asked for; 0 where the id was
	Release uint64  // of the list that has it; 0 of a single alert
	// Held says that an earlier release had it so, and that it is matched until the authority lets it go.
	Held    bool
	Matched bool    // this version is matched at this node, on the days in which it is in force
	Single  *Single // where it was written by hand
}

// A Single is what the logs say of an alert that was written by hand.
type Single struct {
	At        record.Ref // of the newest version
	Written   int64      // UTC ms
	Version   int
	Reason    string // on which it was written
	ByNode    bool   // not signed by a booth
	Withdrawn bool   // its author asked for its end; the authority decides
	Holders   []string
}

// SearchAlerts finds alerts for an analyst of a centre, at most 50. The search is a record, sealed to the auditor, that is durable
// before the answer is looked up: an alert tells of a person.
func (n *Node) SearchAlerts(ctx context.Context, s *Shift, reason string, q AlertQuery) ([]FoundAlert, error) {
	if err := n.may(s, roster.EditAlerts); err != nil {
		return nil, err
	}
	if n.Self().Role != roster.Centre {
		return nil, ErrDuty
	}
	asked := q.text()
	if asked == "" {
		return nil, ErrAlertQuery
	}
	if err := n.recordSearch(ctx, s, reason, "alert", asked); err != nil {
		return nil, err
	}
	if q.ID != "" {
		return n.alertsByID(ctx, q.List, q.ID), nil
	}
	in := n.watch.now.Load()
	if in == nil || in.index == nil {
		return nil, nil
	}
	var out []FoundAlert
	for _, h := range in.index.Match(q.query()) {
		if h.Alert == nil {
			continue
		}
		i := slices.IndexFunc(out, func(f FoundAlert) bool { return f.Alert.ID == h.AlertID && f.Alert.List == h.List })
		if i < 0 {
			out = append(out, FoundAlert{Alert: *h.Alert, Score: h.Score, Matched: true})
		}
	}
	return out, nil
}

// text is what stands in the record of the search.
func (q AlertQuery) text() string {
	switch {
	case q.ID != "":
		return "id " + strings.TrimSpace(q.List+" "+q.ID)
	case q.Primary+q.Secondary != "":
		return strings.TrimSpace("name " + q.Primary + "<<" + q.Secondary + " " + q.Birth.String())
	case q.Number != "":
		return "document " + strings.TrimSpace(q.Issuer+" "+q.Number)
	case q.Plate+q.VIN != "":
		return "vehicle " + strings.Join(strings.Fields(q.Country+" "+q.Plate+" "+q.VIN), " ")
	}
	return ""
}

// query asks more loosely than a booth: an analyst knows less than stands in a document, and looks at all days and at invented
// alerts too.
func (q AlertQuery) query() watchlist.Query {
	return watchlist.Query{Primary: q.Primary, Secondary: q.Secondary, Birth: q.Birth, Issuer: q.Issuer, Number: q.Number,
		Country: q.Country, Plate: q.Plate, VIN: q.VIN, Most: maxFoundAlerts, Canaries: true,
		Least: map[border.AlertKind]float64{border.PersonAlert: looseScore, border.DocumentAlert: 0, border.VehicleAlert: 0}}
}

// alertsByID gives all versions of the alerts of an id: as the releases in force have them, those still held, and single ones.
func (n *Node) alertsByID(ctx context.Context, list, id string) (out []FoundAlert) {
	names := []string{list}
	if list == "" {
		names = n.alertLists()
	}
	for _, name := range names {
		out = append(out, n.versionsOf(ctx, name, id)...)
	}
	return out[:min(len(out), maxFoundAlerts)]
}

// alertLists names the lists in force and those of single alerts.
func (n *Node) alertLists() (names []string) {
	for _, l := range n.watch.lists() {
		names = append(names, l.List)
	}
	n.singles.mu.Lock()
	defer n.singles.mu.Unlock()
	for name := range n.singles.lists {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (n *Node) versionsOf(ctx context.Context, list, id string) (out []FoundAlert) {
	var release uint64 // single alerts are in none
	for _, l := range n.watch.lists() {
		if l.List == list && !isSingle(list) {
			release = l.Release
		}
	}
	now := n.alertInForce(list, id)
	matched := []*border.Alert{now}
	for _, w := range n.Waiting(list) {
		if w.Alert.ID != id {
			continue
		}
		held := FoundAlert{Alert: w.Alert, Held: true, Matched: true}
		if !isSingle(list) {
			held.Release = w.Release
		}
		out, now, matched = append(out, held), w.Now, append(matched, w.Now)
	}
	if single := n.singles.newest(list, id); single != nil {
		hash := alertHash(&single.alert)
		f := FoundAlert{Alert: single.alert, Single: n.singleOf(ctx, single),
			Matched: slices.ContainsFunc(matched, func(a *border.Alert) bool { return a != nil && alertHash(a) == hash })}
		return slices.Insert(slices.DeleteFunc(out, func(h FoundAlert) bool { return alertHash(&h.Alert) == hash }), 0, f)
	}
	if now != nil {
		return slices.Insert(out, 0, FoundAlert{Alert: *now, Release: release, Matched: true})
	}
	return out
}

// newestSingle is the newest version of a single alert.
type newestSingle struct {
	singleVersion
	number    int
	withdrawn bool
}

func (s *singles) newest(list, id string) *newestSingle {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.lists[list][id]
	if x == nil || len(x.versions) == 0 {
		return nil
	}
	return &newestSingle{x.versions[len(x.versions)-1], len(x.versions), x.withdrawn}
}

// singleOf tells when and why a single alert was written, and who has signed that he holds this version. Where the record cannot be
// read here, that is left out.
func (n *Node) singleOf(ctx context.Context, v *newestSingle) *Single {
	s := &Single{At: v.at, Version: v.number, Withdrawn: v.withdrawn}
	if o, err := n.Read(v.at); err == nil && o.Single != nil {
		s.Written, s.Reason, s.ByNode = o.Leaf.Written, o.Single.Reason, !n.signedByBooth(v.at)
	}
	if h, err := n.Health(ctx); err == nil && v.at.Origin == n.origin {
		for _, p := range h.Peers {
			if p.Cosigned > v.at.Index {
				s.Holders = append(s.Holders, p.Node)
			}
		}
	}
	return s
}

// OwnAlerts gives the single alerts of this node, newest first, in their newest versions: what its own officers have written.
func (n *Node) OwnAlerts(ctx context.Context, s *Shift) ([]FoundAlert, error) {
	if err := n.may(s, roster.EditAlerts); err != nil {
		return nil, err
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	list := SingleList(n.Name())
	n.singles.mu.Lock()
	var ids []string
	last := map[string]record.Ref{}
	for id, x := range n.singles.lists[list] {
		if len(x.versions) == 0 { // its end came before it
			continue
		}
		ids, last[id] = append(ids, id), x.versions[len(x.versions)-1].at
	}
	n.singles.mu.Unlock()
	slices.SortFunc(ids, func(a, b string) int { // epochs of one node differ in their last part alone
		return cmp.Or(cmp.Compare(len(last[b].Origin), len(last[a].Origin)), strings.Compare(last[b].Origin, last[a].Origin),
			cmp.Compare(last[b].Index, last[a].Index))
	})
	var out []FoundAlert
	for _, id := range ids[:min(len(ids), maxFoundAlerts)] {
		if all := n.versionsOf(ctx, list, id); len(all) > 0 && all[0].Single != nil {
			out = append(out, all[0])
		}
	}
	return out, nil
}

// OwnAlert gives the newest version of one single alert of this node. At a centre, whose analysts write about persons of the whole
// country, that is a search.
func (n *Node) OwnAlert(ctx context.Context, s *Shift, reason, id string) (FoundAlert, error) {
	if id == "" {
		return FoundAlert{}, ErrNoAlert
	}
	var found []FoundAlert
	var err error
	if list := SingleList(n.Name()); n.Self().Role == roster.Centre {
		found, err = n.SearchAlerts(ctx, s, reason, AlertQuery{List: list, ID: id})
	} else if err = n.may(s, roster.EditAlerts); err == nil {
		found = n.versionsOf(ctx, list, id)
	}
	switch {
	case err != nil:
		return FoundAlert{}, err
	case len(found) == 0 || found[0].Single == nil:
		return FoundAlert{}, fmt.Errorf("alert: %w", ErrNoAlert)
	}
	return found[0], nil
}

// A Trial is a traveller and vehicle that an analyst makes up to see how an alert would score.
type Trial struct {
	Document border.Document
	Vehicle  Vehicle
	VIN      string
}

// TryAlert scores an alert against a made-up traveller. From the loose score of a search on it is what a booth's check would give;
// below that, and for a version that is not matched, the words are weighed as near to it as one alert alone allows. False where the
// two have nothing in common by which a booth would compare them.
func (n *Node) TryAlert(a border.Alert, t Trial) (border.Hit, bool) {
	q := watchlist.QueryOf(t.Document)
	q.Plate, q.Country, q.VIN, q.Canaries, q.Most = t.Vehicle.Plate, t.Vehicle.Country, t.VIN, true, maxTried
	q.Least = map[border.AlertKind]float64{a.Kind: looseScore}
	var index *watchlist.Index
	if in := n.watch.now.Load(); in != nil && in.index != nil {
		index = in.index
		hash := alertHash(&a)
		for _, h := range index.Match(q) {
			if h.AlertID == a.ID && h.List == a.List && h.Alert != nil && alertHash(h.Alert) == hash {
				return h, true
			}
		}
	}
	q.Least = map[border.AlertKind]float64{a.Kind: -1000} // below what any evidence can take away
	hits := index.Alone(&a).Match(q)
	if len(hits) == 0 {
		return border.Hit{}, false
	}
	return hits[0], true
}

// Unnamed says that no name of an alert has a letter that a zone could hold, so that its person is found by document alone.
func (n *Node) Unnamed(a border.Alert) bool {
	var none *watchlist.Index
	return len(none.Alone(&a).Unnamed()) > 0
}
