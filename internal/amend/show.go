package amend

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/tlog"
	"tims/internal/web"
)

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// A subject is a record as its page shows it.
type subject struct {
	Index           uint64
	Done, Way       string
	Direction       border.Direction
	Name, Number    string
	Birth, Nation   string
	Officer, Record string
	At              time.Time
	Standing        string // why it counts no longer; empty while it does
	Minutes         int    // in which it can still be taken back; zero where it cannot
	Mine, Passed    bool
}

var standings = map[projection.Standing]string{projection.Voided: "amend.standing.voided",
	projection.Corrected: "amend.standing.corrected", projection.Proposed: "amend.standing.proposed"}

func (f *face) subject(w station.Words, a node.Amendable) subject {
	d := a.Person.Document
	s := subject{Index: a.Ref.Index, Done: w.T(doneKey(a)), Direction: a.Person.Direction, Way: w.Way(a.Person.Direction),
		Name: station.FullName(d.Primary, d.Secondary), Number: d.Number, Birth: birth(w, d.Birth), Nation: w.State(d.Nationality),
		Officer: a.Officer, Record: a.Ref.Origin + "/" + itoa(a.Ref.Index), At: time.UnixMilli(a.Written), Mine: a.Mine, Passed: a.Passed}
	if a.Standing != projection.Counts {
		s.Standing = w.T(standings[a.Standing])
	}
	left := a.Written + node.VoidWithin.Milliseconds() - f.Node.Now()
	if a.Mine && a.Standing == projection.Counts && left >= 0 && a.Kind != record.Correction && a.Kind != record.Late {
		s.Minutes = max(1, int((left+59_999)/60_000))
	}
	return s
}

// doneKey names what a record did.
func doneKey(a node.Amendable) string {
	switch a.Kind {
	case record.Correction:
		return "amend.kind.correction"
	case record.Refusal:
		return "amend.kind.refusal"
	case record.Referral:
		return "amend.kind.referral"
	case record.Late:
		return "amend.kind.late"
	}
	return "amend.kind.crossing"
}

func birth(w station.Words, text string) string {
	p, err := border.ParsePartialDate(text)
	if err != nil {
		return ""
	}
	return w.Date(p)
}

// open reads a record that the officer may see. Each try of a code is counted.
func (f *face) open(r *http.Request, s *node.Shift, index uint64, code string) (node.Amendable, error) {
	if code != "" && !f.tries.take(s.Ref, f.Node.Now()) {
		return node.Amendable{}, errTries
	}
	a, err := f.Node.Amendable(r.Context(), s, index, code)
	if code != "" && !errors.Is(err, node.ErrNotShown) {
		f.tries.give(s.Ref)
	}
	return a, err
}

// addressed opens the record that the address names; where it cannot be shown it answers itself.
func (f *face) addressed(w http.ResponseWriter, r *http.Request, s *node.Shift) (node.Amendable, bool) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return node.Amendable{}, false
	}
	a, err := f.open(r, s, index, r.PostFormValue("code"))
	if err != nil {
		f.Trouble(w, r, s, err)
	}
	return a, err == nil
}

// A voidPage asks for the reason.
type voidPage struct {
	subject
	Act, Reason, Trouble string
	Why                  string // what is wrong with the reason
}

func (f *face) serveVoid(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	f.showVoid(w, r, s, http.StatusOK, voidPage{Act: station.ActText(station.NewAct())})
}

func (f *face) showVoid(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d voidPage) {
	a, ok := f.addressed(w, r, s)
	if !ok {
		return
	}
	words := f.Words(r)
	d.subject = f.subject(words, a)
	keys := []web.Key{{Keys: "Escape", Text: words.T("station.key.home")}}
	switch {
	case d.Minutes > 0:
		keys = append([]web.Key{{Keys: "F2", Text: words.T("amend.void.do")}}, keys...)
	case d.Standing == "" && d.Passed:
		keys = append([]web.Key{{Keys: "F3", Text: words.T("amend.correct.title")}}, keys...)
	}
	p := f.Page(r, s, "amend.void.title", keys...)
	p.Status, p.Data = status, d
	f.Render(w, r, "amend-void", p)
}

func (f *face) readVoid(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	index, ok := station.PathIndex(r)
	act, given := station.ReadAct(r)
	if !ok || !given {
		return nil, errForm
	}
	// The node would say of any record whose it is; who may not see it is not told that it is there.
	if _, err := f.open(r, s, index, ""); err != nil {
		return nil, err
	}
	return []node.Deed{node.Void{Act: act, Shift: s, Of: index, Reason: r.PostFormValue("reason")}}, nil
}

func (f *face) mendVoid(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	words := f.Words(r)
	d := voidPage{Act: r.PostFormValue("act"), Reason: strings.TrimSpace(r.PostFormValue("reason"))}
	if errors.Is(err, node.ErrWhy) {
		d.Why = words.Error(err)
	} else {
		d.Trouble = words.Error(err)
	}
	f.showVoid(w, r, s, words.Status(err), d)
}

// An amendedPage says what was recorded, whatever of the three it was.
type amendedPage struct {
	Done, Text, Record string
	At                 time.Time
	ByNode             bool
	List               bool // the way back is the list of corrections
}

func (f *face) serveAmended(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	o, err := f.Node.ReadOwn(index)
	if err != nil && !errors.Is(err, tlog.ErrNotHere) {
		f.Trouble(w, r, s, err)
		return
	}
	key := amendedKey(o)
	if err != nil || key == "" || o.Leaf.Shift == nil || *o.Leaf.Shift != s.Ref {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	words := f.Words(r)
	p := f.Page(r, s, "amend.done.title", web.Key{Keys: "Enter", Text: words.T("amend.next")})
	p.Data = amendedPage{words.T(key), words.T(key + ".text"), o.Origin + "/" + itoa(index), time.UnixMilli(o.Leaf.Written),
		len(o.Leaf.Booth) == 0, o.Leaf.Kind == record.Correction}
	f.Render(w, r, "amend-done", p)
}

// amendedKey names what became of a deed of this package; empty for any other record. An assent is about the proposal and
// about what that is about.
func amendedKey(o node.Opened) string {
	switch {
	case o.Leaf.Kind == record.Void:
		return "amend.done.void"
	case o.Leaf.Kind == record.Correction && len(o.Leaf.About) == 2:
		return "amend.done.assent"
	case o.Leaf.Kind == record.Correction:
		return "amend.done.correction"
	}
	return ""
}
