package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tims/internal/node"
)

func exportCommand() *cobra.Command {
	c := &cobra.Command{Use: "export DIR --to DIR2", Short: "Write every log of a node as a plain tlog-tiles directory",
		Long: "Writes, per log of the node in DIR, DIR2/HEX/ with HEX the SHA-256 of the log's origin: checkpoint, tile/…,\n" +
			"tile/entries/… and vkey (C2SP tlog-tiles). It holds leaves and hashes, never a sealed part, so it needs no approval.\n" +
			"An earlier export of the same log is replaced. The node may run meanwhile.", Args: cobra.ExactArgs(1)}
	to := c.Flags().String("to", "", "directory to write below")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := required(c, "to"); err != nil {
			return err
		}
		if !isNode(args[0]) {
			return misused("%s is not the directory of a node", args[0])
		}
		logs, err := node.Export(c.Context(), args[0], *to)
		if err != nil {
			return err
		}
		out := struct {
			Logs map[string]string `json:"logs"` // directories by origin
		}{logs}
		return tell(c, *asJSON, out, func(w io.Writer) {
			fmt.Fprintf(w, "Exported %s:\n", many(len(logs), "log"))
			t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
			for _, origin := range sorted(logs) {
				fmt.Fprintf(t, "  %s\t%s\n", origin, logs[origin])
			}
			t.Flush()
		})
	}
	return c
}
