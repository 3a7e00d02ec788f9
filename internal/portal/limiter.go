package portal

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// A limiter counts look-ups in windows of lookupSpan, by address and all together. Addresses live in memory for one window.
type limiter struct {
	mu    sync.Mutex
	since time.Time
	all   int
	each  map[netip.Prefix]int
}

// allow counts a look-up from an address and says whether it may be answered. An address of this machine is a reverse proxy's
// and stands for many: it is counted with all.
func (l *limiter) allow(remote string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.since) >= lookupSpan || now.Before(l.since) {
		l.since, l.all, l.each = now, 0, map[netip.Prefix]int{}
	}
	from, many := visitor(remote)
	if !many {
		if _, known := l.each[from]; !known && len(l.each) >= maxVisitors {
			from = netip.Prefix{}
		}
		if l.each[from]++; l.each[from] > lookupsEach {
			return false // before it is counted with all: one visitor does not use up what the others have
		}
	}
	l.all++
	return l.all <= lookupsAll
}

// visitor is what one visitor has for an address: an IPv4 address or an IPv6 network of 64 bits.
func visitor(remote string) (p netip.Prefix, many bool) {
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
