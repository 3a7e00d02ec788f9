package replica

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tims/internal/tlog"
)

// Answers of a witness that means no good, or is none: the client ends, and adds nothing to the note that is no signature line.
func TestHostileWitness(t *testing.T) {
	l := newLog(t, 9, "", "")
	for _, c := range []struct {
		what   string
		answer func(w http.ResponseWriter, asked int)
		asked  int
		want   func(error) bool
	}{
		{"unknown", func(w http.ResponseWriter, _ int) { w.WriteHeader(404) }, 1, isStatus(404)},
		{"a size that changes for ever", func(w http.ResponseWriter, n int) { conflict(w, fmt.Sprintln(n%5)) }, maxWitnessRounds, is(ErrRounds)},
		{"the size that was sent", func(w http.ResponseWriter, _ int) { conflict(w, "0\n") }, 1, isStatus(409)},
		{"a size beyond the log", func(w http.ResponseWriter, _ int) { conflict(w, "10\n") }, 1, func(err error) bool {
			var b *BehindError
			return errors.As(err, &b) && b.Size == 10
		}},
		{"no size", func(w http.ResponseWriter, _ int) { conflict(w, "many") }, 1, is(tlog.ErrMalformed)},
		{"no line", func(http.ResponseWriter, int) {}, 1, is(tlog.ErrMalformed)},
		{"half a line", func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "— w AAAA") }, 1, is(tlog.ErrMalformed)},
		{"another text", func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "— w AAAA\nxk/alpha/1\n9\n") }, 1, is(tlog.ErrMalformed)},
		{"a text first", func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "\n— w AAAA\n") }, 1, is(tlog.ErrMalformed)},
		{"lines without end", func(w http.ResponseWriter, _ int) { fmt.Fprint(w, strings.Repeat("— w AAAA\n", 1<<15)) }, 1, is(tlog.ErrMalformed)},
	} {
		asked := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			c.answer(w, asked)
		}))
		client := Client{HTTP: srv.Client(), Base: srv.URL}
		note, _, err := client.Witness(ctx, Submission{Source: l})
		srv.Close()
		if note != nil || !c.want(err) || asked != c.asked {
			t.Errorf("%s: note %q, error %v, asked %d times", c.what, note, err, asked)
		}
	}
}

// Another maker's witness has no door for statements; nothing but its 404 comes of trying.
func TestWitnessWithoutStatements(t *testing.T) {
	l := newLog(t, 3, "", "")
	var paths []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		w.WriteHeader(404)
	}))
	defer srv.Close()
	client := Client{HTTP: srv.Client(), Base: srv.URL + "/prefix"}
	_, _, err := client.Witness(ctx, Submission{Source: l, Epoch: []byte("statement"), Count: 1, Changes: func() []byte { return nil }})
	if !isStatus(404)(err) || fmt.Sprint(paths) != "[/prefix/add-checkpoint /prefix/tims/epoch]" {
		t.Errorf("asked %q: %v", paths, err)
	}
}

func conflict(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", tlog.SizeType)
	w.WriteHeader(http.StatusConflict)
	fmt.Fprint(w, body)
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func isStatus(want int) func(error) bool {
	return func(err error) bool {
		var s *StatusError
		return errors.As(err, &s) && s.Status == want
	}
}
