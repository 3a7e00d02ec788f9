package node_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"

	"tims/internal/node"
	"tims/internal/tlog"
)

// A post whose own log has lost its tail, or a record in the middle of its edge, does not start. Stopped, it is mended from
// the centre and goes on in the same epoch; or its log is given up, and it goes on in the next one.
func TestRepairOfALogThatDoesNotOpen(t *testing.T) {
	for _, giveUp := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := newCountry(t, "centre", "kakavija")
			c.must(c.cross("kakavija", 4, direction("entries")))
			c.settle()
			c.halt("kakavija")
			c.spoilt["kakavija"] = true
			db, err := sql.Open("sqlite3", "file:"+filepath.Join(c.path("kakavija"), "log.db"))
			c.must(err)
			_, err = db.Exec("DELETE FROM leaf WHERE idx >= 10")
			c.must(errors.Join(err, db.Close()))
			if err := c.open("kakavija"); !errors.As(err, new(*tlog.Evidence)) {
				t.Fatalf("it starts: %v", err)
			}
			opt := node.Options{Dir: c.path("kakavija"), Dial: c.wire.dialer("kakavija")}
			want := "al/kakavija/1"
			if giveUp {
				_, err = node.GiveUpLog(opt)
				want = "al/kakavija/2"
			} else {
				var s node.Scrubbed
				s, err = node.RepairDir(context.Background(), opt, true)
				if len(s.Found) == 0 || len(s.Left) > 0 {
					t.Errorf("found %v, left %v", s.Found, s.Left)
				}
			}
			c.must(err)
			c.start("kakavija")
			if got := c.nodes["kakavija"].Origin(); got != want {
				t.Errorf("it writes %s, not %s", got, want)
			}
			c.must(c.cross("kakavija", 1, direction("entries")))
			c.settle()
			found, err := (&drill{country: c, t: t}).verify("kakavija")
			c.must(err)
			if len(found) != 1 {
				t.Errorf("after it: %v", found)
			}
			c.must(c.invariants())
		})
	}
}
