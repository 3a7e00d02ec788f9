package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/node"
	"tims/internal/roster"
)

// rosterConfirmCommand makes the change that vouches for those before it.
func rosterConfirmCommand() *cobra.Command {
	var f countryFlags
	var to string
	c := &cobra.Command{Use: "confirm --to FILE", Short: "Approve the roster as it is, for nodes that were cut off too long", Args: cobra.NoArgs,
		Long: "An approved change is void for a node that hears of it after its not-after (24 hours). By a further change that changes\n" +
			"nothing the authority says that those before it are in force. A running node learns it with `tims roster learn`; nodes that\n" +
			"were cut off, or whose clock is wrong, then take all of them."}
	c.Flags().StringVar(&to, "to", "", "file for the change, not there yet")
	f.add(c)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "to", "founding", "hash", "authority"); err != nil {
			return err
		}
		country, err := f.read()
		if err != nil {
			return err
		}
		all, err := node.Confirm(country.founding, country.changes, time.Now(), country.approve)
		if err != nil {
			return err
		}
		last := all[len(all)-1]
		if err := writeNew(to, roster.AppendChange(nil, last), 0o644); err != nil {
			return err
		}
		out := struct {
			Number uint64 `json:"number"`
			Change string `json:"change"`
		}{last.Change.Number, to}
		return tell(c, *asJSON, out, func(w io.Writer) {
			fmt.Fprintf(w, "The change is in %s; it is void in 24 hours. Next, beside a running node:\n  tims roster learn %s --dir DIR\n", to, to)
		})
	}
	return c
}
