package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// countryFlags name the country that a node joins, and who approves.
type countryFlags struct {
	founding, hash, changes string
	authority               []string
}

func (f *countryFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.founding, "founding", "", "file of the founding")
	c.Flags().StringVar(&f.hash, "hash", "", "founding hash as it was given by hand, 64 hexadecimal digits")
	c.Flags().StringVar(&f.changes, "changes", "", "file of the approved changes since the founding (`FILE` of tims roster export)")
	c.Flags().StringArrayVar(&f.authority, "authority", nil, "key file of an approver; repeat it for each")
}

// country is the governed state that a node joins.
type country struct {
	founding roster.Founding
	changes  []roster.Approved
	approve  node.Approver
}

func (f countryFlags) read() (out country, err error) {
	hash, err := parseHash(f.hash)
	if err != nil {
		return out, err
	}
	if out.founding, err = readFounding(f.founding, hash); err != nil {
		return out, err
	}
	if f.changes != "" {
		if out.changes, err = readChanges(f.changes); err != nil {
			return out, err
		}
	}
	out.approve, err = approveWith(f.authority, out.founding.Country)
	return out, err
}

// state is the governed state after the changes, with all approvals counted again.
func (c country) state() (*roster.State, error) {
	s, err := roster.Begin(c.founding)
	if err != nil {
		return nil, err
	}
	for _, change := range c.changes {
		if s, err = s.Apply(change, 0); err != nil {
			return nil, fmt.Errorf("change number %d of chain %d: %w", change.Change.Number, change.Change.Chain, err)
		}
	}
	return s, nil
}

func parseHash(s string) ([32]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 {
		return [32]byte{}, misused("a founding hash is 64 hexadecimal digits, such as `tims found` prints")
	}
	return [32]byte(b), nil
}

// readFounding reads a founding that must have the hash given by hand.
func readFounding(path string, hash [32]byte) (roster.Founding, error) {
	b, err := readFile(path, maxFounding)
	if err != nil {
		return roster.Founding{}, err
	}
	var f roster.Founding
	if err := record.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("%s is not a founding: %w", path, err)
	}
	if err := f.Valid(); err != nil {
		return f, fmt.Errorf("%s: %w", path, err)
	}
	if f.Hash() != hash {
		return f, fmt.Errorf("%s is not the founding whose hash was given: it may be another country's, or forged", path)
	}
	return f, nil
}

func readChanges(path string) ([]roster.Approved, error) {
	b, err := readFile(path, roster.MaxChanges)
	if err != nil {
		return nil, err
	}
	changes, err := roster.DecodeChanges(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s is not a file of approved changes: %w", path, err)
	}
	return changes, nil
}

func joinCommand() *cobra.Command {
	var f countryFlags
	var p node.PlannedNode
	var dir, role, to string
	c := &cobra.Command{Use: "join --dir DIR --name NAME --role ROLE …", Short: "Add a node to a country",
		Long: "Makes the directory of a new node and an approved change of the roster that adds it. The change is a file: a running\n" +
			"node learns it with `tims roster learn`, and all others learn it from that one.", Args: cobra.NoArgs}
	c.Flags().StringVar(&dir, "dir", "", "directory of the node, not there yet or empty")
	c.Flags().StringVar(&p.Name, "name", "", "name of the node")
	c.Flags().StringVar(&role, "role", "", "post, centre or portal")
	c.Flags().StringVar(&p.Place, "place", "", "the site; mirrors count by place")
	c.Flags().StringVar(&p.Traffic, "traffic", "", "of a post: road, sea, air or rail")
	c.Flags().StringVar(&p.Address, "address", "", "host:port of its listener for peers")
	c.Flags().StringSliceVar(&p.Neighbours, "neighbour", nil, "a post with which the new post exchanges directly; repeat it for each")
	c.Flags().StringVar(&to, "to", "", "file for the change; DIR.change unless told")
	f.add(c)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "name", "role", "place", "address", "founding", "hash", "authority"); err != nil {
			return err
		}
		if err := checkNode(p.Name, role, p.Traffic, p.Address); err != nil {
			return err
		}
		p.Role = roster.Role(role)
		if to == "" {
			to = filepath.Clean(dir) + ".change"
		}
		out, err := join(dir, to, p, f)
		if err != nil {
			return err
		}
		return tell(c, *asJSON, out, func(w io.Writer) {
			fmt.Fprintf(w, "Made the node %s in %s.\nThe change that adds it is in %s; it is void in 24 hours. Next, beside a running node:\n"+
				"  tims roster learn %s --dir DIR\nThe certificate of its pages comes from `tims certificate --node %s --to %s`. Then start it with `tims serve`.\n",
				out.Node, out.Dir, out.Change, out.Change, out.Node, out.Dir)
		})
	}
	return c
}

// joinReport is what `tims join` and `tims rebuild` made.
type joinReport struct {
	Node   string `json:"node"`
	Dir    string `json:"dir"`
	Change string `json:"change,omitempty"` // file of the change
}

func join(dir, to string, p node.PlannedNode, f countryFlags) (joinReport, error) {
	country, err := f.read()
	if err != nil {
		return joinReport{}, err
	}
	s, err := country.state()
	if err != nil {
		return joinReport{}, err
	}
	if err := checkNeighbours(p, func(name string) bool {
		o, ok := s.Roster.Node(name)
		return ok && !o.Dropped && o.Role == roster.Post
	}); err != nil {
		return joinReport{}, err
	}
	err = fresh(dir, func() error {
		all, err := node.Join(dir, p, country.founding, country.changes, time.Now(), country.approve)
		if err != nil {
			return err
		}
		return writeNew(to, roster.AppendChange(nil, all[len(all)-1]), 0o644)
	})
	return joinReport{p.Name, dir, to}, err
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
