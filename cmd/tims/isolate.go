package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/control"
	"tims/internal/node"
)

// aloneFlags are those of `tims isolate` and `tims rejoin`.
type aloneFlags struct {
	dir, by, reason string
	wait            time.Duration
	json            *bool
}

func (f *aloneFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.dir, "dir", "", "directory of the running node")
	c.Flags().StringVar(&f.by, "by", "", "your name, as it shall stand in the record")
	c.Flags().StringVar(&f.reason, "reason", "", "why, such as the number of an order")
	f.json = jsonFlag(c)
}

func isolateCommand() *cobra.Command {
	var f aloneFlags
	c := &cobra.Command{Use: "isolate --dir DIR --by NAME --reason TEXT", Short: "Cut a running node off on purpose", Args: cobra.NoArgs,
		Long: "A post stops speaking with the centres and takes nothing of theirs from anybody; it keeps its neighbours, and its booths go\n" +
			"on. A centre stops everything. Name and reason become a record. It lasts, also over a restart, until `tims rejoin`."}
	f.add(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "by", "reason"); err != nil {
			return err
		}
		out, err := control.NewClient(f.dir).Isolate(c.Context(), f.by, f.reason)
		if err != nil {
			return err
		}
		return tell(c, *f.json, out, func(w io.Writer) {
			what := "speaks with no centre; its neighbours and booths go on"
			if out.Isolated.Scope == node.StoppedAll {
				what = "has stopped everything; the posts go on without it"
			}
			fmt.Fprintf(w, "%s %s.\nEnd it with: tims rejoin --dir %s --by NAME --reason TEXT\n", out.Node, what, f.dir)
		})
	}
	return c
}

func rejoinCommand() *cobra.Command {
	var f aloneFlags
	c := &cobra.Command{Use: "rejoin --dir DIR --by NAME --reason TEXT", Short: "Prove an isolated node's log, and end the isolation", Args: cobra.NoArgs,
		Long: "The node asks its mirrors what they hold of its log, and lets those who come to it say so, before it serves again. Whoever\n" +
			"answers must hold a prefix of this very log, and one at least must answer. Otherwise it stays isolated, and the exit code\n" +
			"is 1: the log was rolled back or rewritten meanwhile, and docs/operations/recovery.md says what to do."}
	f.add(c)
	c.Flags().DurationVar(&f.wait, "wait", 2*time.Minute, "how long to wait for the mirrors, 12h at most")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "by", "reason"); err != nil {
			return err
		}
		if f.wait <= 0 || f.wait > 12*time.Hour {
			return misused("--wait %v: a time such as 2m, 12h at most", f.wait)
		}
		out, err := control.NewClient(f.dir).Rejoin(c.Context(), f.by, f.reason, f.wait)
		if err != nil {
			return err
		}
		return tell(c, *f.json, out, func(w io.Writer) {
			fmt.Fprintf(w, "%s serves again. Its log was proven against the copies at %s.\n", out.Node, strings.Join(out.Proven, ", "))
		})
	}
	return c
}
