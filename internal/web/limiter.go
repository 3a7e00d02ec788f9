package web

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// A Limiter counts requests in windows of Span, by visitor and all together.
// Visitors live in memory for one window, and at most Visitors of them: the
// next ones share one count.
type Limiter struct {
	Span      time.Duration
	Each, All int // requests let through within Span
	Visitors  int

	mu    sync.Mutex
	since time.Time
	all   int
	each  map[netip.Prefix]int
}

// Allow counts a request from an address and says whether it may be answered.
// An address of this machine is a reverse proxy's and stands for many: it is
// counted with all.
func (l *Limiter) Allow(remote string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.since) >= l.Span || now.Before(l.since) {
		l.since, l.all, l.each = now, 0, map[netip.Prefix]int{}
	}
	from, many := Visitor(remote)
	if !many {
		if _, known := l.each[from]; !known && len(l.each) >= l.Visitors {
			from = netip.Prefix{}
		}
		if l.each[from]++; l.each[from] > l.Each {
			return false // before it is counted with all: one visitor does not use up what the others have
		}
	}
	l.all++
	return l.all <= l.All
}

// Visitor is what one visitor has for an address: an IPv4 address or an IPv6
// network of 64 bits. many says that it is this machine's own.
func Visitor(remote string) (p netip.Prefix, many bool) {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return p, false
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return p, false
	}
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ = a.Prefix(bits)
	return p, a.IsLoopback()
}

// Turns count requests under way by whom they come from: one that sends slowly
// on many connections keeps nobody else waiting.
type Turns struct {
	Each int // at once of one
	All  int // at once of all together

	mu  sync.Mutex
	all int
	of  map[string]int
}

// Take says whether one more may begin. Give ends it.
func (t *Turns) Take(of string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string]int{}
	}
	if t.all >= t.All || t.of[of] >= t.Each {
		return false
	}
	t.all++
	t.of[of]++
	return true
}

// Give ends what Take began.
func (t *Turns) Give(of string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all--
	if t.of[of]--; t.of[of] == 0 {
		delete(t.of, of)
	}
}
