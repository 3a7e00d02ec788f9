package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tims/internal/control"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// changesFile is where package node keeps the approved changes in force; it is replaced whole, so it is read beside the
// running node and after its end alike.
const changesFile = "changes"

func rosterCommand() *cobra.Command {
	c := &cobra.Command{Use: "roster", Short: "Show, carry on or copy out who and which keys stand"}
	c.AddCommand(rosterShowCommand(), rosterLearnCommand(), rosterExportCommand(), rosterNeighboursCommand(), rosterConfirmCommand())
	return c
}

// governed reads the governed state from a node's directory and counts all approvals again.
func governed(dir string) (*roster.State, error) {
	if !isNode(dir) {
		return nil, misused("%s is not the directory of a node", dir)
	}
	f, err := node.ReadFounding(dir)
	if err != nil {
		return nil, err
	}
	s, err := roster.Begin(f)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, changesFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	changes, err := readChanges(path)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if s, err = s.Apply(c, 0); err != nil {
			return nil, fmt.Errorf("change number %d of chain %d: %w", c.Change.Number, c.Change.Chain, err)
		}
	}
	return s, nil
}

// rosterReport is what `tims roster show` tells.
type rosterReport struct {
	Country   string            `json:"country"`
	TimeZone  string            `json:"time_zone"`
	Parent    string            `json:"parent"`
	Hash      string            `json:"founding_hash"`
	Threshold int               `json:"threshold"`
	Approvers []string          `json:"approvers"`
	Numbers   map[string]uint64 `json:"numbers"` // changes each chain has had
	Nodes     []rosterNode      `json:"nodes"`
	Officers  []rosterOfficer   `json:"officers"`
}

type rosterNode struct {
	Name    string      `json:"name"`
	Role    roster.Role `json:"role"`
	Place   string      `json:"place"`
	Traffic string      `json:"traffic,omitempty"`
	Address string      `json:"address"`
	Near    []string    `json:"neighbours,omitempty"` // with which it exchanges directly, whoever of the two named the other
	Since   uint32      `json:"since_epoch"`          // the first epoch of its present identity key
	Dropped bool        `json:"dropped,omitempty"`
}

type rosterOfficer struct {
	Label   string        `json:"label"`
	ID      string        `json:"id"`
	Duties  []roster.Duty `json:"duties"`
	Dropped bool          `json:"dropped,omitempty"`
}

func reportRoster(s *roster.State) rosterReport {
	hash := s.Founding.Hash()
	r := rosterReport{Country: s.Founding.Country, TimeZone: s.Founding.TimeZone, Parent: s.Founding.Parent,
		Hash: hex.EncodeToString(hash[:]), Threshold: s.Authority.Threshold, Numbers: map[string]uint64{
			"roster": s.Number(roster.ChainRoster), "rulebook": s.Number(roster.ChainRulebook), "authority": s.Number(roster.ChainAuthority)}}
	for _, a := range s.Authority.Approvers {
		r.Approvers = append(r.Approvers, a.Name)
	}
	for _, n := range s.Roster.Nodes {
		var near []string
		for _, o := range s.Roster.NeighboursOf(n.Name) {
			near = append(near, o.Name)
		}
		r.Nodes = append(r.Nodes, rosterNode{n.Name, n.Role, n.Place, n.Traffic, n.Address, near,
			n.Identities[len(n.Identities)-1].FromEpoch, n.Dropped})
	}
	for _, o := range s.Roster.Officers {
		r.Officers = append(r.Officers, rosterOfficer{o.Label, hex.EncodeToString(o.ID[:]), o.Duties, o.Dropped})
	}
	return r
}

func (r rosterReport) text(w io.Writer) {
	fmt.Fprintf(w, "Country %s, days counted in %s, founding hash\n  %s\nChanges so far: roster %d, rulebook %d, authority %d. "+
		"A change needs %d of %s.\n\n", r.Country, r.TimeZone, r.Hash, r.Numbers["roster"], r.Numbers["rulebook"], r.Numbers["authority"],
		r.Threshold, strings.Join(r.Approvers, ", "))
	dropped := map[bool]string{true: ", dropped"}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tROLE\tPLACE\tTRAFFIC\tADDRESS\tNEIGHBOURS\tKEY SINCE EPOCH")
	for _, n := range r.Nodes {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d%s\n", n.Name, n.Role, n.Place, n.Traffic, n.Address, strings.Join(n.Near, " "), n.Since, dropped[n.Dropped])
	}
	t.Flush()
	fmt.Fprintln(t, "\nOFFICER\tDUTIES")
	for _, o := range r.Officers {
		var duties []string
		for _, d := range o.Duties {
			duties = append(duties, string(d))
		}
		fmt.Fprintf(t, "%s\t%s%s\n", o.Label, strings.Join(duties, ", "), dropped[o.Dropped])
	}
	t.Flush()
}

func rosterShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show --dir DIR", Short: "Show the nodes, the officers and the numbers of the chains", Args: cobra.NoArgs}
	dir := c.Flags().String("dir", "", "directory of a node, running or not")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir"); err != nil {
			return err
		}
		s, err := governed(*dir)
		if err != nil {
			return err
		}
		r := reportRoster(s)
		return tell(c, *asJSON, r, r.text)
	}
	return c
}

func rosterLearnCommand() *cobra.Command {
	c := &cobra.Command{Use: "learn FILE --dir DIR", Short: "Hand approved changes to a running node", Args: cobra.ExactArgs(1),
		Long: "Hands a file of approved changes to the running node of a directory. The node counts the approvals itself, writes the\n" +
			"changes to its log, and every other node learns them from there."}
	dir := c.Flags().String("dir", "", "directory of the running node")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := required(c, "dir"); err != nil {
			return err
		}
		changes, err := readChanges(args[0])
		if err != nil {
			return err
		}
		learned, err := control.NewClient(*dir).Learn(c.Context(), changes)
		if err != nil {
			return err
		}
		return tell(c, *asJSON, learned, func(w io.Writer) {
			fmt.Fprintf(w, "%s in force now, %d already known.\n", many(learned.InForce, "change"), learned.Known)
		})
	}
	return c
}

func rosterExportCommand() *cobra.Command {
	c := &cobra.Command{Use: "export --dir DIR --to FILE", Short: "Copy founding and approved changes out for a join or a rebuild", Args: cobra.NoArgs,
		Long: "Writes the approved changes to FILE and the founding to FILE.founding, as `tims join` and `tims rebuild` take them with\n" +
			"--changes and --founding. They are public to all nodes and hold no secret. The node may run or not."}
	dir := c.Flags().String("dir", "", "directory of a node, running or not")
	to := c.Flags().String("to", "", "file for the changes, not there yet")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "to"); err != nil {
			return err
		}
		s, err := governed(*dir)
		if err != nil {
			return err
		}
		var b []byte
		for _, change := range s.Changes {
			b = append(b, roster.AppendChange(nil, change)...)
		}
		hash := s.Founding.Hash()
		out := struct {
			Changes  string `json:"changes"`
			Founding string `json:"founding"`
			Hash     string `json:"founding_hash"`
			Count    int    `json:"count"`
		}{*to, *to + ".founding", hex.EncodeToString(hash[:]), len(s.Changes)}
		if err := writeNew(out.Changes, b, 0o644); err != nil {
			return err
		}
		if err := writeNew(out.Founding, record.Marshal(s.Founding), 0o644); err != nil {
			return err
		}
		return tell(c, *asJSON, out, func(w io.Writer) {
			fmt.Fprintf(w, "Wrote %s to %s and the founding to %s.\nIts hash is %s; compare it with the one given by hand.\n",
				many(out.Count, "change"), out.Changes, out.Founding, out.Hash)
		})
	}
	return c
}
