package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// benchPost opens one post, with the centre founded and away.
func benchPost(b *testing.B) (*node.Node, *node.Shift) {
	b.Helper()
	dir := b.TempDir()
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"},
			{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road"}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}}
	if _, err := node.Found(dir, plan); err != nil {
		b.Fatal(err)
	}
	n, err := node.Open(node.Options{Dir: filepath.Join(dir, "kakavija"), Version: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { n.Close() })
	return n, benchShift(b, n)
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
func prepareActs(b *testing.B, n *node.Node, s *node.Shift, from, count int) []record.Act {
	b.Helper()
	ctx := context.Background()
	acts := make([]record.Act, count)
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := w; i < count; i += 64 {
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

// BenchmarkCommit measures durable commits at one post, from the sealed act to the receipt, beside a bare SQLite insert of
// one 1 KB row with the same pragmas in the same run.
func BenchmarkCommit(b *testing.B) {
	const round = 2000
	for _, at := range []int{1, 64} {
		b.Run(fmt.Sprintf("at-once-%d", at), func(b *testing.B) {
			n, s := benchPost(b)
			ctx := context.Background()
			b.ResetTimer()
			var took time.Duration
			for done := 0; done < b.N; {
				b.StopTimer()
				acts := prepareActs(b, n, s, done, min(round, b.N-done))
				b.StartTimer()
				began := time.Now()
				var wg sync.WaitGroup
				for w := range at {
					wg.Go(func() {
						for i := w; i < len(acts); i += at {
							if _, err := n.Commit(ctx, acts[i], nil); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
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
