package drill

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"tims/internal/record"
)

var tampering = []Act{
	{ID: "T1", inject: tamperEverywhere},
	{ID: "T2", inject: twoHistories, heal: newIdentity},
	{ID: "T3", inject: setBackPost},
	{ID: "T4", spotless: true, inject: knock},
	{ID: "T7", RunBy: "node.TestCounts"},
	{ID: "T10", RunBy: "node.TestPaper"},
	{ID: "T11", RunBy: "seal.TestBodyThatOpensUnderTwoKeys"},
	{ID: "T12", RunBy: "roster.TestChallengeBindsEveryField"},
	{ID: "T13", RunBy: "roster.TestTwoSuccessorsConvict"},
	{ID: "T14", RunBy: "post.TestSignedAct"},
}

var abusing = []Act{
	{ID: "A1", RunBy: "node.TestOutages"},
	{ID: "A2", RunBy: "border.TestOldListsRefer"},
	{ID: "A3", RunBy: "node.TestRegime"},
	{ID: "A4", spotless: true, inject: crossTwice, heal: mendLines, check: bothSeen},
}

var recovering = []Act{
	{ID: "R1", spotless: true, inject: insiderAtCentre, heal: expelInsider},
	{ID: "R2", spotless: true, inject: cutOffPosts, heal: mendLines},
	{ID: "R3", spotless: true, inject: offerCode, heal: returnCentre, check: noCodeTaken},
	{ID: "R4", mixed: true, inject: changeVersions, check: allUpgraded},
	{ID: "R5", spotless: true, inject: rumour},
}

// setBackPost starts a post again from a copy of its directory that was made some time before.
func setBackPost(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	n := r.post()
	before, err := r.snapshot(n)
	if err != nil {
		return err
	}
	if err := r.up(ctx, n); err != nil {
		return err
	}
	pause(ctx, r.length/2)
	h, err := r.health(ctx, n)
	if err != nil {
		return err
	}
	r.destroyed(n, h)
	return r.restore(n, before)
}

// cutOffPosts lets the posts write for themselves alone; what they wrote comes to the centres at once when the roads are mended.
func cutOffPosts(_ context.Context, r *run) error {
	for _, n := range r.Posts() {
		r.around(n.Name, line{Refused: true})
		r.hit()
	}
	return nil
}

// crossTwice lets one traveller enter at two posts that are cut off from each other and from everybody.
func crossTwice(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	if err := cutOffPosts(ctx, r); err != nil {
		return err
	}
	r.times = 0
	r.twice = r.stranger()
	for _, name := range []string{r.Posts()[0].Name, r.Posts()[2].Name} {
		if _, err := r.enterAt(ctx, name, r.twice); err != nil {
			return err
		}
		r.hit()
	}
	return nil
}

// bothSeen: read again at one of the posts, the document shows that it was used at the other. It is not read before the log of the other
// has come, for each reading here is a crossing more, and a page names only the last ones.
func bothSeen(ctx context.Context, r *run) error {
	posts := r.Posts()
	other, err := r.health(ctx, posts[2])
	if err != nil {
		return err
	}
	if err := until(ctx, healWithin, "the log of the other post has come", func() bool {
		h, err := r.health(ctx, posts[0])
		return err == nil && peer(h, posts[2].Name).Held >= other.Size
	}); err != nil {
		return err
	}
	return until(ctx, healWithin, "the crossing at the other post is seen", func() bool {
		fresh, ferr := r.enterAt(ctx, posts[0].Name, r.stranger())
		again, err := r.enterAt(ctx, posts[0].Name, r.twice)
		return ferr == nil && err == nil && again.names(posts[2].Place) > fresh.names(posts[2].Place)
	})
}

// rumour takes the centres down and asks the public pages all the while.
func rumour(ctx context.Context, r *run) error {
	if err := switchOffCentres(ctx, r); err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second}
	for ctx.Err() == nil {
		resp, err := client.Get("http://" + r.Node(Portal).people + "/")
		if err == nil {
			resp.Body.Close()
		}
		if ctx.Err() == nil && (err != nil || resp.StatusCode != http.StatusOK) {
			r.broken("the portal did not answer")
			return nil
		}
		pause(ctx, lookEvery)
	}
	return nil
}

// enterAt lets a traveller enter at a post through a window of its own, and gives the page of his check.
func (r *run) enterAt(ctx context.Context, post string, zone []string) (page, error) {
	w, err := r.window(ctx, post)
	if err != nil {
		return page{}, err
	}
	check, crossing := newAct(), newAct()
	r.oracle.asked(check, post, record.Check)
	index, err := w.check(ctx, check, zone)
	if err != nil {
		return page{}, err
	}
	if err := r.oracle.told(check, index); err != nil {
		return page{}, err
	}
	shown, err := w.send(ctx, http.MethodGet, "/check/"+index, "", nil)
	if err != nil {
		return page{}, err
	}
	r.oracle.asked(crossing, post, record.Crossing)
	receipt, err := w.admit(ctx, crossing, index, false)
	if err != nil {
		return page{}, fmt.Errorf("admit: %w", err)
	}
	return shown, r.oracle.told(crossing, receipt)
}
