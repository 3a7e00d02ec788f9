package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Say which version this is", Args: cobra.NoArgs}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		v := struct {
			Version  string `json:"version"`
			Revision string `json:"revision,omitempty"`
			Go       string `json:"go"`
		}{Version: version, Go: runtime.Version()}
		if info, ok := debug.ReadBuildInfo(); ok {
			for _, s := range info.Settings {
				if s.Key == "vcs.revision" {
					v.Revision = s.Value
				}
			}
		}
		return tell(c, *asJSON, v, func(w io.Writer) {
			fmt.Fprintf(w, "tims %s", v.Version)
			if v.Revision != "" {
				fmt.Fprintf(w, " (%.12s)", v.Revision)
			}
			fmt.Fprintf(w, ", %s\n", v.Go)
		})
	}
	return c
}

// helpCommand is cobra's, except that help for a command that does not exist is misuse.
func helpCommand() *cobra.Command {
	return &cobra.Command{Use: "help [command]", Short: "Explain a command", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			at := c.Root()
			for _, name := range args {
				next, _, err := at.Find([]string{name})
				if err != nil || next == at {
					return misused("%q is no command of %s", name, at.CommandPath())
				}
				at = next
			}
			return at.Help()
		}}
}
