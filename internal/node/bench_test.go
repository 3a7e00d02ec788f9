package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/demo/traveller"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// benchPost opens one post, with the centre founded and away.
func benchPost(b *testing.B) (*node.Node, []*node.Shift) {
	b.Helper()
	n, s, _ := benchNodes(b, "")
	b.Cleanup(func() { n.Close() })
	return n, s
}

// sentBytes counts what the post of a benchmark has written to its lines, TLS included.
var sentBytes atomic.Int64

type countedConn struct{ net.Conn }

func (c countedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	sentBytes.Add(int64(n))
	return n, err
}

func dialCounted(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return countedConn{c}, nil
}

// benchNodes founds a centre at an address and a post, and opens the post.
func benchNodes(b *testing.B, centre string) (*node.Node, []*node.Shift, string) {
	b.Helper()
	dir := b.TempDir()
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana", Address: centre},
			{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road"}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}}
	if _, err := node.Found(dir, plan); err != nil {
		b.Fatal(err)
	}
	n, err := node.Open(node.Options{Dir: filepath.Join(dir, "kakavija"), Version: "bench", SyncEvery: 50 * time.Millisecond, Dial: dialCounted})
	if err != nil {
		b.Fatal(err)
	}
	booths := make([]*node.Shift, 64)
	for i := range booths {
		booths[i] = benchShift(b, n)
	}
	return n, booths, dir
}

func benchShift(b *testing.B, n *node.Node) *node.Shift {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		b.Fatal(err)
	}
	s, err := n.StartShift(context.Background(), n.State().Roster.Officers[0], "K1", public)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// letters writes a number in the letters A to J, so that every traveller is somebody else.
func letters(n int) string {
	b := []byte(fmt.Sprintf("%05d", n))
	for i := range b {
		b[i] += 'A' - '0'
	}
	return string(b)
}

// document is passport(serial) without a testing.T.
func document(serial int) border.Document {
	return border.Document{Code: "P", Issuer: "ITA", Number: fmt.Sprintf("Y%07d", serial), Nationality: "ITA",
		Primary: "ERIKSSON" + letters(serial), Secondary: "ANNA", Birth: border.PartialDate{Year: 1974, Month: 8, Day: 1 + serial%28}, Sex: "F",
		Expiry: border.PartialDate{Year: 2033, Month: 4, Day: 15}, ByHand: true}
}

// prepareActs makes n checked travellers whose admission waits to be committed.
func prepareActs(b *testing.B, n *node.Node, booths []*node.Shift, from, count int) []record.Act {
	b.Helper()
	ctx := context.Background()
	acts := make([]record.Act, count)
	var wg sync.WaitGroup
	for w, s := range booths {
		wg.Go(func() {
			for i := w; i < count; i += len(booths) {
				v, err := n.Scan(ctx, node.Scan{Act: act(), Shift: s, Direction: border.Entry, Document: document(from + i)})
				if err != nil {
					b.Error(err)
					return
				}
				acts[i] = act()
				if _, err := n.Prepare(ctx, node.Decision{Act: acts[i], Shift: s, Check: v.Ref.Index, Decision: border.Admit}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return acts
}

// round is how many travellers are prepared before they are committed.
const round = 2000

// commitAll lets count travellers cross, 64 at once, and gives the last act.
func commitAll(b *testing.B, n *node.Node, booths []*node.Shift, count int) (last record.Act) {
	b.Helper()
	for done := 0; done < count; done += round {
		acts := prepareActs(b, n, booths, done, min(round, count-done))
		commit(b, n, acts, 64)
		last = acts[len(acts)-1]
	}
	return last
}

// commit commits prepared acts, so many at once.
func commit(b *testing.B, n *node.Node, acts []record.Act, at int) {
	b.Helper()
	var wg sync.WaitGroup
	for w := range at {
		wg.Go(func() {
			for i := w; i < len(acts); i += at {
				if _, err := n.Commit(context.Background(), acts[i], nil); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkCommit measures durable commits at one post, from the sealed act to the receipt, beside a bare SQLite insert of
// one 1 KB row with the same pragmas in the same run.
func BenchmarkCommit(b *testing.B) {
	for _, at := range []int{1, 64} {
		b.Run(fmt.Sprintf("at-once-%d", at), func(b *testing.B) {
			n, s := benchPost(b)
			b.ResetTimer()
			var took time.Duration
			for done := 0; done < b.N; {
				b.StopTimer()
				acts := prepareActs(b, n, s, done, min(round, b.N-done))
				b.StartTimer()
				began := time.Now()
				commit(b, n, acts, at)
				took += time.Since(began)
				done += len(acts)
			}
			b.ReportMetric(float64(b.N)/took.Seconds(), "commits/s")
		})
	}
	b.Run("bare-insert", func(b *testing.B) {
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "bare.db")+
			"?_txlock=immediate&_pragma=journal_mode(wal)&_pragma=synchronous(full)")
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)"); err != nil {
			b.Fatal(err)
		}
		insert, err := db.Prepare("INSERT INTO row (body) VALUES (?)")
		if err != nil {
			b.Fatal(err)
		}
		body := make([]byte, 1024)
		b.ResetTimer()
		for range b.N {
			if _, err := insert.Exec(body); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	})
}

// BenchmarkCheck measures a check at a post with 20,000 alerts in force and 5,000 crossings known: from the document to the
// advice, with the check's record durable.
func BenchmarkCheck(b *testing.B) {
	n, s := benchPost(b)
	ctx := context.Background()
	source, err := traveller.New(7, traveller.Options{Start: time.Now(), Location: time.UTC, NoFaults: true})
	if err != nil {
		b.Fatal(err)
	}
	var people []border.Document
	for len(people) < 25_000 {
		for _, t := range source.Next(time.Now(), source.Post()).Travellers {
			people = append(people, border.ReadZone(t.Zone, n.Today()))
		}
	}
	alerts := make([]border.Alert, 20_000)
	for i := range alerts {
		p := people[i]
		alerts[i] = border.Alert{ID: fmt.Sprint("bench:", i), List: "bench", Kind: border.PersonAlert, Action: border.ActInform,
			Names: []border.AlertName{{Primary: p.Primary, Secondary: p.Secondary}}, Nations: []string{p.Nationality},
			Births: []border.PartialDate{{Year: 1950 + i%50, Month: 1 + i%12, Day: 1 + i%28}}}
	}
	node.WatchForTest(n, "bench", alerts)
	passers := people[20_000:]
	commitAll(b, n, s, 5000)
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		began := time.Now()
		if _, err := n.Scan(ctx, node.Scan{Act: act(), Shift: s[0], Direction: border.Entry, Document: passers[i%len(passers)]}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkIntake measures how fast a centre takes in and folds what a post has written: crossings a second over mutual TLS on
// loopback, leaves, parts, cosignature and projection. Each crossing is two records, the check and the crossing.
func BenchmarkIntake(b *testing.B) {
	const crossings = 5000
	for range b.N {
		b.StopTimer()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		n, s, dir := benchNodes(b, l.Addr().String())
		last := commitAll(b, n, s, crossings)
		centre, err := node.Open(node.Options{Dir: filepath.Join(dir, "centre"), Version: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		secure, err := centre.PeerListener(l)
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error, 1)
		began, sent := time.Now(), sentBytes.Load()
		b.StartTimer()
		go func() { served <- centre.ServePeers(ctx, secure) }()
		for ; ; time.Sleep(10 * time.Millisecond) {
			if seen, err := centre.ByAct(ctx, last); err != nil {
				b.Fatal(err)
			} else if len(seen) > 0 {
				break
			}
		}
		b.StopTimer()
		b.ReportMetric(crossings/time.Since(began).Seconds(), "crossings/s")
		b.ReportMetric(float64(sentBytes.Load()-sent)/crossings, "line-bytes/crossing")
		cancel()
		<-served
		if err := errors.Join(centre.Close(), n.Close()); err != nil {
			b.Fatal(err)
		}
	}
}
