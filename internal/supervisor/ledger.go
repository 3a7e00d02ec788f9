package supervisor

import (
	"context"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/record"
)

// A stretch is what the supervisor chose to look at.
type stretch string

const (
	thisShift stretch = "shift" // since the last hand-over, or twelve hours
	today     stretch = "today"
	yesterday stretch = "yesterday"
)

var stretches = []stretch{thisShift, today, yesterday}

// An account is the books of a stretch with what belongs beside them.
type account struct {
	node.Books
	which   stretch
	now     int64 // UTC ms
	older   int   // open checks from before the stretch
	inLine  []node.Referred
	unknown []node.Unknown
	once    map[record.Ref]bool // paper sheets that wait for their second keying
	regime  *node.RegimeOf
}

// A ledger makes each account once for all open pages. Who asks has the power to read the post: it is asked before.
type ledger struct {
	node *node.Node

	mu       sync.Mutex // held while an account is made: whoever comes meanwhile gets the same
	accounts map[stretch]kept[account]
	begins   kept[int64] // of the shift, UTC ms

	regimeMu sync.Mutex // of its own: every page asks for the regime and waits for no account
	regime   kept[*node.RegimeOf]
}

type kept[T any] struct {
	value T
	at    time.Time
}

func (k kept[T]) fresh(within time.Duration) bool { return !k.at.IsZero() && time.Since(k.at) < within }

// drop forgets what is kept: something was recorded here.
func (l *ledger) drop() {
	l.mu.Lock()
	l.accounts, l.begins = nil, kept[int64]{}
	l.mu.Unlock()
	l.regimeMu.Lock()
	l.regime = kept[*node.RegimeOf]{}
	l.regimeMu.Unlock()
}

// of gives the account of a stretch, at most keepFor old.
func (l *ledger) of(ctx context.Context, s *node.Shift, which stretch) (account, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.accounts[which]; k.fresh(keepFor) {
		return k.value, nil
	}
	a, err := l.make(ctx, s, which)
	if err != nil {
		return a, err
	}
	if l.accounts == nil {
		l.accounts = map[stretch]kept[account]{}
	}
	l.accounts[which] = kept[account]{a, time.Now()}
	return a, nil
}

func (l *ledger) make(ctx context.Context, s *node.Shift, which stretch) (a account, err error) {
	from, to, err := l.bounds(ctx, s, which)
	if err != nil {
		return a, err
	}
	a.which, a.now = which, l.node.Now()
	if a.Books, err = l.node.Books(ctx, s, from, to); err != nil {
		return a, err
	}
	open, err := l.node.OpenChecks(ctx)
	if err != nil {
		return a, err
	}
	for _, o := range open {
		if o.Written < from {
			a.older++
		}
	}
	if a.inLine, err = l.node.Referrals(ctx, s); err != nil {
		return a, err
	}
	if a.unknown, err = l.node.Unknown(ctx, s); err != nil {
		return a, err
	}
	paper, err := l.node.Paper(ctx)
	if err != nil {
		return a, err
	}
	a.once = map[record.Ref]bool{}
	for _, k := range paper.Once {
		a.once[k.Ref] = true
	}
	a.regime, err = l.node.RegimeInForce(ctx)
	return a, err
}

// bounds gives a stretch in UTC ms; the end is the first moment that lies outside.
func (l *ledger) bounds(ctx context.Context, s *node.Shift, which stretch) (from, to int64, err error) {
	now := l.node.Now()
	year, month, day := time.UnixMilli(now).In(l.node.Zone()).Date()
	midnight := func(before int) int64 {
		return time.Date(year, month, day-before, 0, 0, 0, 0, l.node.Zone()).UnixMilli()
	}
	switch which {
	case today:
		return midnight(0), now + 1, nil
	case yesterday:
		return midnight(1), midnight(0), nil
	}
	if !l.begins.fresh(handedFor) {
		b, err := l.node.Books(ctx, s, now-lookBack.Milliseconds(), now+1)
		if err != nil {
			return 0, 0, err
		}
		l.begins = kept[int64]{0, time.Now()}
		for _, h := range b.Handovers {
			l.begins.value = max(l.begins.value, h.To)
		}
	}
	from = l.begins.value
	if from < now-lookBack.Milliseconds() {
		from = now - lastShift.Milliseconds()
	}
	return from, now + 1, nil
}

// inForce gives the regime in force, at most regimeFor old.
func (l *ledger) inForce(ctx context.Context) (*node.RegimeOf, error) {
	l.regimeMu.Lock()
	defer l.regimeMu.Unlock()
	if l.regime.fresh(regimeFor) {
		return l.regime.value, nil
	}
	r, err := l.node.RegimeInForce(ctx)
	if err == nil {
		l.regime = kept[*node.RegimeOf]{r, time.Now()}
	}
	return r, err
}
