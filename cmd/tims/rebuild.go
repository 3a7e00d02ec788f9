package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/node"
	"tims/internal/roster"
)

// rebuildFlags are the flags of `tims rebuild` beside those of the country.
type rebuildFlags struct {
	country           countryFlags
	dir, name, config string
	wait              time.Duration
}

func rebuildCommand() *cobra.Command {
	var f rebuildFlags
	c := &cobra.Command{Use: "rebuild --dir DIR --name NAME …", Short: "Make a lost node anew, from what the others hold", Args: cobra.NoArgs,
		Long: "Makes an empty node in the place of one that lost everything: new keys, a new epoch of its log, and an approved change of\n" +
			"the roster that names them. With --config it is started, takes in what the others have, and tells per node what was\n" +
			"expected, what came and what is missing with the reason; exit code 1 if anything is missing. It ends then: `tims serve`\n" +
			"runs it for good. Take --changes and --founding from any node with `tims roster export`."}
	c.Flags().StringVar(&f.dir, "dir", "", "directory of the node, not there yet or empty")
	c.Flags().StringVar(&f.name, "name", "", "name of the node in the roster")
	f.country.add(c)
	c.Flags().StringVar(&f.config, "config", "", "configuration of the node, to start it and wait for the others")
	c.Flags().DurationVar(&f.wait, "wait", 10*time.Minute, "how long to wait for the others")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "name", "founding", "hash", "authority"); err != nil {
			return err
		}
		if f.wait <= 0 {
			return misused("--wait %v: a time such as 10m", f.wait)
		}
		out, err := f.run(c)
		if err != nil {
			return err
		}
		if err := tell(c, *asJSON, out, out.text); err != nil || out.Peers == nil || out.Whole {
			return err
		}
		return errFound
	}
	return c
}

// rebuildReport is what `tims rebuild` did. Without --config there is no account.
type rebuildReport struct {
	joinReport
	Whole bool          `json:"whole"` // whoever had to come has been here, and nothing is missing
	Peers []peerAccount `json:"peers,omitempty"`
}

// peerAccount says of one node what is expected of its log and what is here.
type peerAccount struct {
	Node     string      `json:"node"`
	Role     roster.Role `json:"role"`
	Expected uint64      `json:"expected"` // records its newest checkpoint known here covers
	Received uint64      `json:"received"`
	Missing  uint64      `json:"missing"`
	Reason   string      `json:"reason,omitempty"` // why something is missing or not known to be whole
}

func (f rebuildFlags) run(c *cobra.Command) (rebuildReport, error) {
	out := rebuildReport{joinReport: joinReport{Node: f.name, Dir: f.dir}}
	country, err := f.country.read()
	if err != nil {
		return out, err
	}
	var cfg serveConfig
	if f.config != "" {
		if cfg, err = readConfig(f.config); err != nil {
			return out, err
		}
		if err := f.sameNode(cfg, country); err != nil {
			return out, err
		}
	}
	if err := fresh(f.dir, func() error {
		_, err := node.Rebuild(f.dir, f.name, country.founding, country.changes, time.Now(), country.approve)
		return err
	}); err != nil || f.config == "" {
		return out, err
	}
	s, err := start(c.Context(), cfg, cfg.journal(c.ErrOrStderr()))
	if err != nil {
		return out, err
	}
	out.Peers, out.Whole, err = s.takeIn(f.wait, newProgress(c))
	return out, errors.Join(err, s.end())
}

// sameNode refuses a configuration that would start another node than the one being rebuilt.
func (f rebuildFlags) sameNode(cfg serveConfig, country country) error {
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return err
	}
	if other, err := filepath.Abs(cfg.Dir); err != nil || other != dir {
		return misused("--config %s is of the directory %s, not of %s", f.config, cfg.Dir, f.dir)
	}
	if hash := country.founding.Hash(); cfg.hash != hash {
		return misused("--config %s has another founding hash than --hash", f.config)
	}
	return nil
}

// takeIn waits until the logs of all peers are here, or for as long as told, and gives the account. They are when nothing was
// missing at several looks in a row.
func (s *service) takeIn(wait time.Duration, p *progress) (account []peerAccount, whole bool, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, wait)
	defer cancel()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for calm := 0; ; {
		h, err := s.Health(context.WithoutCancel(ctx))
		if err != nil {
			return nil, false, err
		}
		account, whole = settle(h)
		if calm++; !whole {
			calm = 0
		}
		if calm == settledFor || ctx.Err() != nil {
			return account, whole, nil
		}
		var got, want uint64
		posts := 0
		for _, a := range account {
			got, want = got+a.Received, want+a.Expected
			if a.Expected > 0 {
				posts++
			}
		}
		p.say("%s of %s here, from %s; %d being read", thousands(got), many(want, "record"), many(posts, "node"), h.Folding)
		select {
		case <-ctx.Done():
		case <-look.C:
		}
	}
}

// settle gives the account of all peers and says whether it is whole: for a centre, each post must have been here itself, since
// only the post knows how much it has; a post takes the other posts' logs from the centres.
func settle(h node.Health) (account []peerAccount, whole bool) {
	whole = h.Folding == 0
	for _, p := range h.Peers {
		a := peerAccount{Node: p.Node, Role: p.Role, Expected: p.Size, Received: p.Held, Missing: p.Size - min(p.Held, p.Size)}
		itself := h.Role == roster.Centre && p.Role == roster.Post || h.Role == roster.Post && p.Role == roster.Centre
		switch {
		case p.Frozen != "":
			a.Reason = "its log is frozen here: " + p.Frozen
		case itself && p.LastSeen == 0 && p.Error != "":
			a.Reason = "it has not been here: " + p.Error
		case itself && p.LastSeen == 0:
			a.Reason = "it has not been here; is it running, and does it reach this node's address in the roster?"
		case itself && a.Expected == 0:
			a.Reason = "it has shown nothing of its log yet"
		case a.Missing > 0:
			a.Reason = "still coming"
		}
		whole = whole && a.Missing == 0 && (a.Reason == "" || !itself)
		account = append(account, a)
	}
	return account, whole
}

func (r rebuildReport) text(w io.Writer) {
	fmt.Fprintf(w, "Made %s anew in %s.\n", r.Node, r.Dir)
	if r.Peers == nil {
		fmt.Fprintf(w, "Next: start it with `tims serve`. Posts learn a centre's new keys from it, push what they hold and wrap their keys to it;\n"+
			"a centre learns a post's new keys by `tims roster export` here and `tims roster learn` there.\n")
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tROLE\tEXPECTED\tRECEIVED\tMISSING\tREASON")
	for _, a := range r.Peers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Node, a.Role, thousands(a.Expected), thousands(a.Received), thousands(a.Missing), a.Reason)
	}
	t.Flush()
	if r.Whole {
		fmt.Fprintf(w, "Every post is here, whole. Next: `tims serve`.\n")
		return
	}
	fmt.Fprintf(w, "NOT whole: what is missing comes by itself once `tims serve` runs the node and the others reach it.\n")
}
