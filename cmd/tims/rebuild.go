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
	parcels           []string
	wait              time.Duration
}

func rebuildCommand() *cobra.Command {
	var f rebuildFlags
	c := &cobra.Command{Use: "rebuild --dir DIR --name NAME …", Short: "Make a lost node anew, from what the others hold", Args: cobra.NoArgs,
		Long: "Makes an empty node in the place of one that lost everything: new keys, a new epoch of its log, and an approved change of\n" +
			"the roster that names them. --parcel takes in sticks. With --config the node is started and takes in what the others have.\n" +
			"It tells per log what was expected, what came and what is missing with the reason; exit code 1 if anything is missing. It\n" +
			"ends then: `tims serve` runs the node for good. Broken off at any point, the same command again goes on. Take --changes and\n" +
			"--founding from any node with `tims roster export`, after a former rebuild from one that knows it."}
	c.Flags().StringVar(&f.dir, "dir", "", "directory of the node, not there yet, empty, or half made by this command")
	c.Flags().StringVar(&f.name, "name", "", "name of the node in the roster")
	f.country.add(c)
	c.Flags().StringArrayVar(&f.parcels, "parcel", nil, "stick to be read, a directory; repeat it for each")
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
		if err := tell(c, *asJSON, out, out.text); err != nil || out.Logs == nil || out.Whole {
			return err
		}
		return errFound
	}
	return c
}

// rebuildReport is what `tims rebuild` did. Without --config and --parcel there is no account.
type rebuildReport struct {
	joinReport
	Resumed bool              `json:"resumed"`           // an earlier call had begun here
	Whole   bool              `json:"whole"`             // whoever had to come has been here, and nothing is missing
	Peers   []peerAccount     `json:"peers,omitempty"`   // with --config
	Logs    []logAccount      `json:"logs,omitempty"`    // former epochs too
	Waiting int               `json:"waiting_for_keys"`  // records that are here and wait for the keys of their writers
	Parcels []node.ParcelRead `json:"parcels,omitempty"` // what came of each stick
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
	if out.Resumed, err = f.make(country); err != nil {
		return out, err
	}
	switch {
	case f.config != "":
		s, err := start(c.Context(), cfg, cfg.journal(c.ErrOrStderr()))
		if err != nil {
			return out, err
		}
		err = f.takeSticks(s.ctx, s.Node, &out, newProgress(c))
		if err == nil {
			out.Peers, out.Whole, err = s.takeIn(f.wait, newProgress(c))
		}
		if err == nil {
			err = out.account(c.Context(), s.Node)
		}
		return out, errors.Join(err, s.end())
	case len(f.parcels) > 0:
		n, err := node.Open(node.Options{Dir: f.dir, Founding: country.founding.Hash(), Version: version, Dial: noNetwork})
		if err != nil {
			return out, err
		}
		out.Whole = true
		if err = f.takeSticks(c.Context(), n, &out, newProgress(c)); err == nil {
			err = out.account(c.Context(), n)
		}
		return out, errors.Join(err, n.Close())
	}
	return out, nil
}

// make makes the empty node, or finds that it was made.
func (f rebuildFlags) make(country country) (resumed bool, err error) {
	resumed, err = node.MarkRebuild(f.dir, f.name, country.founding)
	if errors.Is(err, node.ErrNotEmpty) {
		return false, misused("%s is not empty, and nothing is overwritten; give another --dir", f.dir)
	}
	if err == nil {
		_, err = node.Rebuild(f.dir, f.name, country.founding, country.changes, time.Now(), country.approve)
	}
	return resumed, err
}

func (f rebuildFlags) takeSticks(ctx context.Context, n *node.Node, out *rebuildReport, p *progress) error {
	for _, stick := range f.parcels {
		got, err := n.ReadParcel(ctx, stick, sayRecords(p))
		if err != nil {
			return fmt.Errorf("read the stick %s: %w", stick, err)
		}
		out.Parcels = append(out.Parcels, got)
	}
	return nil
}

// logAccount is a log's account with what it comes to.
type logAccount struct {
	node.LogAccount
	Missing uint64 `json:"missing"`
	Reason  string `json:"reason,omitempty"`
}

// account ends a rebuild: what is here of each log, and what is not and why.
func (r *rebuildReport) account(ctx context.Context, n *node.Node) error {
	logs, err := n.Account(ctx)
	if err != nil {
		return err
	}
	h, err := n.Health(ctx)
	if err != nil {
		return err
	}
	r.Waiting, r.Logs = h.Aside["key"], []logAccount{}
	for _, l := range logs {
		a := logAccount{l, l.Missing(), ""}
		switch {
		case l.Frozen != "":
			a.Reason = "its log is frozen: " + l.Frozen
		case l.Origin == "":
			a.Reason = "nothing of its log has come: by no road and on no stick"
		case l.Received < l.Expected:
			a.Reason = fmt.Sprintf("records from %d on were nowhere that was asked", l.Received)
		case l.Parts > 0:
			a.Reason = "sealed parts were nowhere that was asked: whoever has these records does not hold them whole"
		case a.Missing > 0:
			a.Reason = "still being read"
		}
		// Another centre is a copy of the same country: what is missing of it is said, and what the posts wrote is not.
		r.Whole = r.Whole && a.Missing == 0 && l.Frozen == "" && (l.Origin != "" || l.Role != roster.Post)
		r.Logs = append(r.Logs, a)
	}
	return nil
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
	if r.Resumed {
		fmt.Fprintf(w, "Went on with %s in %s.\n", r.Node, r.Dir)
	} else {
		fmt.Fprintf(w, "Made %s anew in %s.\n", r.Node, r.Dir)
	}
	if r.Logs == nil {
		fmt.Fprintf(w, "Next: start it with `tims serve`. Posts learn a centre's new keys from it, push what they hold and wrap their keys to it;\n"+
			"a centre learns a post's new keys by `tims roster export` here and `tims roster learn` there. Without a network, carry a\n"+
			"stick: `tims parcel write` here, `tims parcel read` there.\n")
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(r.Peers) > 0 {
		fmt.Fprintln(t, "NODE\tROLE\tEXPECTED\tRECEIVED\tMISSING\tREASON")
		for _, a := range r.Peers {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Node, a.Role, thousands(a.Expected), thousands(a.Received), thousands(a.Missing), a.Reason)
		}
		t.Flush()
	}
	fmt.Fprintln(t, "LOG\tEXPECTED\tRECEIVED\tPARTS MISSING\tMISSING\tREASON")
	former := false
	for _, a := range r.Logs {
		name := a.Origin
		if name == "" {
			name = a.Node
		}
		former = former || a.Former
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", name, thousands(a.Expected), thousands(a.Received), thousands(a.Parts), thousands(a.Missing), a.Reason)
	}
	t.Flush()
	if former {
		fmt.Fprintln(w, "Of logs that their nodes have lost, what came after the newest checkpoint above was mirrored by nobody: it is gone, and\nnobody can count it here. Receipts and paper can.")
	}
	if r.Waiting > 0 {
		fmt.Fprintf(w, "%s wait for keys that their writers have not wrapped to this node yet. It comes by itself over the network; by sticks:\n"+
			"`tims parcel write` here, `tims parcel read` and then `tims parcel write` at the posts, and read that here.\n", many(r.Waiting, "record"))
	}
	if r.Whole {
		fmt.Fprintf(w, "Nothing is missing. Next: `tims serve`.\n")
		return
	}
	fmt.Fprintf(w, "NOT whole: the same command goes on, with more sticks if need be; what others still have comes by itself under `tims serve`.\n")
}
