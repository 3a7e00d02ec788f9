package drill

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tims/internal/record"
)

var badInput = []Act{
	{ID: "B1", spotless: true, inject: sendRubbish},
}

// repeats is how often an act that is recorded is sent again.
const repeats = 5

// knock comes to the ports between nodes with keys of nobody, and to a booth's pages with acts that were recorded already. What was
// asked for once must stand once, and no log may take a stranger's word.
func knock(ctx context.Context, r *run) error {
	stranger := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // who answers is not the question here
	for ctx.Err() == nil {
		for _, n := range r.Nodes {
			for _, path := range []string{"/", "/add-checkpoint", "/add-entries", "/changes", "/state"} {
				resp, err := stranger.Post("https://"+r.lines.ends[n.Name].to+path, "application/octet-stream", strings.NewReader(strings.Repeat("zz/durres/1\n", 50)))
				if err == nil {
					resp.Body.Close()
					r.broken(fmt.Sprintf("%s answers a stranger's %s with %s", n.Name, path, resp.Status))
				}
				r.hit()
			}
		}
		if err := r.repeat(ctx); err != nil {
			return err
		}
		pause(ctx, time.Second)
	}
	return nil
}

// repeat admits one traveller and sends the same acts again and again: each time the answer must be the first one.
func (r *run) repeat(ctx context.Context) error {
	post := r.post().Name
	w, err := r.window(ctx, post)
	if err != nil {
		return err
	}
	check, crossing, zone := newAct(), newAct(), r.stranger()
	r.oracle.asked(check, post, record.Check)
	r.oracle.asked(crossing, post, record.Crossing)
	index, err := w.check(ctx, check, zone)
	if err != nil {
		return err
	}
	for range repeats {
		if again, err := w.check(ctx, check, zone); (err == nil || errors.Is(err, errKnown)) && again != index {
			r.broken(fmt.Sprintf("%s: the check %s sent again is %s", post, index, again))
		}
		r.hit()
	}
	receipt, err := w.admit(ctx, crossing, index, false)
	if err != nil {
		return err
	}
	for range repeats {
		if again, err := w.admit(ctx, crossing, index, true); err == nil && again != receipt {
			r.broken(fmt.Sprintf("%s: the crossing %s sent again is %s", post, receipt, again))
		}
		r.hit()
	}
	return errors.Join(r.oracle.told(check, index), r.oracle.told(crossing, receipt))
}
