package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tims/internal/control"
)

func linkCommand() *cobra.Command {
	c := &cobra.Command{Use: "link --dir DIR --officer LABEL", Short: "Make a one-time link that opens a shift at a running node",
		Long: "Asks the running node of a directory for a link that opens one shift of one officer there. It is good for twelve hours\n" +
			"and for one browser. It goes to standard output alone: give it to the officer in person.", Args: cobra.NoArgs}
	dir := c.Flags().String("dir", "", "directory of the running node")
	officer := c.Flags().String("officer", "", "label of the officer in the roster")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "officer"); err != nil {
			return err
		}
		link, err := control.NewClient(*dir).Invite(c.Context(), *officer)
		if err != nil {
			return err
		}
		return tell(c, *asJSON, link, func(w io.Writer) { fmt.Fprintln(w, link.URL) })
	}
	return c
}
