package replica

import (
	"net/http"
	"testing"
)

// roundTrip stands for a client's transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A copy is pulled from two peers at once. Whatever the slower one has in its hand when the other one, who has more of the log,
// brings the copy on, it ends without an error and loses nothing.
func TestTwoPullsOfOneCopy(t *testing.T) {
	for between := 1; ; between++ {
		l, m := newLog(t, 300, "", ""), first(newMirror(t))
		slow, fast := serve(t, nil, l, 0), serve(t, nil, l, 0)
		answers, wire := 0, slow.HTTP.Transport
		slow.HTTP.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := wire.RoundTrip(r)
			if answers++; answers == between {
				grow(t, l, 600, "")
				_, perr := fast.Pull(ctx, m, numbers)
				must(t, perr)
			}
			return resp, err
		})
		grown, err := slow.Pull(ctx, m, numbers)
		if err != nil || !grown {
			t.Fatalf("behind answer %d: grown %v, %v", between, grown, err)
		}
		if answers < between {
			if between < 4 {
				t.Fatalf("a pull of %d answers", answers)
			}
			return
		}
		same(t, m, l)
	}
}

func first[A, B any](a A, _ B) A { return a }
