package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/node"
	"tims/internal/roster"
)

// rosterNeighboursCommand changes with which posts a post exchanges directly.
func rosterNeighboursCommand() *cobra.Command {
	var f countryFlags
	var name, to string
	var neighbours []string
	c := &cobra.Command{Use: "neighbours --node NAME --neighbour NAME … --to FILE", Short: "Change the neighbours of a post",
		Long: "Makes an approved change of the roster that gives a post these neighbours and no others of its own naming; none are given\n" +
			"without --neighbour. Who names this post as his stays its neighbour. A running node learns the change with `tims roster\n" +
			"learn`, and all others learn it from that one.", Args: cobra.NoArgs}
	c.Flags().StringVar(&name, "node", "", "name of the post")
	c.Flags().StringSliceVar(&neighbours, "neighbour", nil, "a post with which it exchanges directly; repeat it for each")
	c.Flags().StringVar(&to, "to", "", "file for the change, not there yet")
	f.add(c)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "node", "to", "founding", "hash", "authority"); err != nil {
			return err
		}
		country, err := f.read()
		if err != nil {
			return err
		}
		all, err := node.SetNeighbours(country.founding, country.changes, name, neighbours, time.Now(), country.approve)
		if err != nil {
			return err
		}
		if err := writeNew(to, roster.AppendChange(nil, all[len(all)-1]), 0o644); err != nil {
			return err
		}
		out := struct {
			Node       string   `json:"node"`
			Neighbours []string `json:"neighbours"`
			Change     string   `json:"change"`
		}{name, neighbours, to}
		return tell(c, *asJSON, out, func(w io.Writer) {
			with := strings.Join(neighbours, ", ")
			if with == "" {
				with = "nobody of its own naming"
			}
			fmt.Fprintf(w, "The change that makes %s exchange directly with %s is in %s; it is void in 24 hours. Next, beside a running node:\n"+
				"  tims roster learn %s --dir DIR\n", name, with, to, to)
		})
	}
	return c
}
