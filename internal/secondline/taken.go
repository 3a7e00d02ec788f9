package secondline

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
)

// taken says which shift has which referral on its desk, by the referral's index.
type taken struct {
	mu sync.Mutex
	by map[uint64]mark
}

type mark struct {
	shift *node.Shift
	since time.Time
}

// take puts a referral on a shift's desk, whoever had it before.
func (t *taken) take(index uint64, s *node.Shift, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = map[uint64]mark{}
	}
	if _, again := t.by[index]; !again && len(t.by) >= maxTaken {
		var oldest uint64
		at := now
		for i, m := range t.by {
			if !m.since.After(at) {
				oldest, at = i, m.since
			}
		}
		delete(t.by, oldest)
	}
	t.by[index] = mark{s, now}
}

// leave takes a referral off a shift's desk; another shift's mark stays.
func (t *taken) leave(index uint64, s *node.Shift) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m, ok := t.by[index]; ok && m.shift.Ref == s.Ref {
		delete(t.by, index)
	}
}

// release takes it off every desk: it was answered.
func (t *taken) release(index uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, index)
}

func (t *taken) of(index uint64) (mark, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.by[index]
	return m, ok
}

// A holder is who has a traveller, as pages show it.
type holder struct {
	Who   string
	Since time.Time
	Mine  bool
}

// holderOf gives who has a referral: nil where nobody has, or where his shift is over.
func (f *Face) holderOf(index uint64, s *node.Shift) *holder {
	m, ok := f.taken.of(index)
	if !ok {
		return nil
	}
	if !f.Node.Can(m.shift, roster.DecideReferrals) {
		f.taken.leave(index, m.shift)
		return nil
	}
	return &holder{Who: m.shift.Officer.Label, Since: m.since, Mine: m.shift.Ref == s.Ref}
}

// serveTake takes a traveller, from a colleague too: the page said that he has him.
func (f *Face) serveTake(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	one, err := f.referral(r.Context(), s, index)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	if waits(one) {
		f.taken.take(index, s, time.UnixMilli(f.Node.Now()))
		f.Nudge()
	}
	http.Redirect(w, r, dossierAddress(index), http.StatusSeeOther)
}

func (f *Face) serveLeave(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if index, ok := station.PathIndex(r); ok {
		f.taken.leave(index, s)
		f.Nudge()
	}
	http.Redirect(w, r, "/second", http.StatusSeeOther)
}

func dossierAddress(index uint64) string { return "/second/" + strconv.FormatUint(index, 10) }
