package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tims/internal/control"
)

func linkCommand() *cobra.Command {
	c := &cobra.Command{Use: "link --dir DIR", Short: "Print the address at which officers sign in at a running node",
		Long: "Asks the running node of a directory for the address of its sign-in page. Officers sign in there with their passkeys; with\n" +
			"the one-time code of `tims found` or `tims officer` each makes his first one there. The address opens nothing by itself.",
		Args: cobra.NoArgs}
	dir := c.Flags().String("dir", "", "directory of the running node")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir"); err != nil {
			return err
		}
		p, err := control.NewClient(*dir).People(c.Context())
		if err != nil {
			return err
		}
		return tell(c, *asJSON, p, func(w io.Writer) { fmt.Fprintln(w, p.URL) })
	}
	return c
}
