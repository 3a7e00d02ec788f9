package drill

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// lines are the roads between the nodes. Each node's address in the roster leads to a listener here, which carries the bytes on
// to the node itself; so a road can be cut, slowed or made to lose, one way or both, while both ends run on. Who dials is
// found by the process that owns the other end of the connection.
type lines struct {
	mu    sync.Mutex
	ends  map[string]*end
	state map[road]line
	live  map[*carried]bool
	names func() map[int]string // running nodes by process number
}

// A road leads from the node that dials to the node that answers.
type road struct{ from, to string }

// A line is the state of a road. The zero value is a good line.
type line struct {
	Refused bool          // connections are refused, those that stand are broken
	Deaf    bool          // what the dialling side sends vanishes, with the connection up
	Mute    bool          // what the answering side sends vanishes
	Rate    int           // bytes a second each way, 0 for as fast as it goes
	Delay   time.Duration // of every chunk
	Noise   bool          // one byte of each chunk is another when it arrives
}

// An end is a node's place on the lines.
type end struct {
	listener net.Listener
	name, to string // to is the node's own listener
}

type carried struct {
	road
	a, b net.Conn
}

func newLines(names func() map[int]string) *lines {
	return &lines{ends: map[string]*end{}, state: map[road]line{}, live: map[*carried]bool{}, names: names}
}

// add gives a node a place on the lines and its address there.
func (l *lines) add(name, to string) (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("a line to %s: %w", name, err)
	}
	e := &end{ln, name, to}
	l.ends[name] = e
	go l.accept(e)
	return ln.Addr().String(), nil
}

func (l *lines) accept(e *end) {
	for {
		c, err := e.listener.Accept()
		if err != nil {
			return
		}
		go l.carry(e, c)
	}
}

func (l *lines) carry(e *end, a net.Conn) {
	r := road{l.dialler(a), e.name}
	if l.of(r).Refused {
		a.Close()
		return
	}
	b, err := net.DialTimeout("tcp", e.to, 5*time.Second)
	if err != nil {
		a.Close()
		return
	}
	c := &carried{r, a, b}
	l.mu.Lock()
	l.live[c] = true
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { l.copy(r, b, a, func(s line) bool { return s.Deaf }) })
	both.Go(func() { l.copy(r, a, b, func(s line) bool { return s.Mute }) })
	both.Wait()
	l.mu.Lock()
	delete(l.live, c)
	l.mu.Unlock()
}

// copy carries bytes one way as the line is at each moment. TLS above it notices whatever a noisy line changes.
func (l *lines) copy(r road, to, from net.Conn, lost func(line) bool) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, chunk)
	for {
		size := len(buf)
		if rate := l.of(r).Rate; rate > 0 {
			size = min(size, max(rate/8, 1)) // eight pieces a second: a slow line flows, it does not hiccup
		}
		n, err := from.Read(buf[:size])
		if n > 0 {
			s := l.of(r)
			if s.Delay > 0 {
				time.Sleep(s.Delay)
			}
			if s.Rate > 0 {
				time.Sleep(time.Duration(n) * time.Second / time.Duration(s.Rate))
			}
			if s.Noise {
				buf[n/2] ^= 1
			}
			if !lost(s) {
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
			}
		}
		if err != nil {
			return
		}
	}
}

func (l *lines) of(r road) line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state[r]
}

// set makes a road so. A road that refuses from now on loses its connections too.
func (l *lines) set(r road, s line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state[r] = s
	for c := range l.live {
		if c.road == r && s.Refused {
			c.a.Close()
			c.b.Close()
		}
	}
}

// mend makes every road good again. Connections that lost bytes meanwhile are broken, as a real line breaks them in the end.
func (l *lines) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.live {
		if s := l.state[c.road]; s.Deaf || s.Mute || s.Noise || s.Rate > 0 {
			c.a.Close()
			c.b.Close()
		}
	}
	clear(l.state)
}

func (l *lines) close() {
	for _, e := range l.ends {
		e.listener.Close()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.live {
		c.a.Close()
		c.b.Close()
	}
}

// dialler gives the node whose process holds the other end of a connection, empty where it is none of the country's.
func (l *lines) dialler(c net.Conn) string {
	inode := socketAt(c.RemoteAddr().(*net.TCPAddr).Port)
	if inode == "" {
		return ""
	}
	for pid, name := range l.names() {
		held, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, fd := range held {
			if to, err := os.Readlink(fd); err == nil && to == "socket:["+inode+"]" {
				return name
			}
		}
	}
	return ""
}

// socketAt finds the inode of the socket with a local port on 127.0.0.1 in Linux' table of connections.
func socketAt(port int) string {
	f, err := os.Open("/proc/net/tcp")
	if err != nil {
		return ""
	}
	defer f.Close()
	want := "0100007F:" + strings.ToUpper(fmt.Sprintf("%04x", port))
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) > 9 && fields[1] == want {
			if _, err := strconv.ParseUint(fields[9], 10, 64); err == nil && fields[9] != "0" {
				return fields[9]
			}
		}
	}
	return ""
}
