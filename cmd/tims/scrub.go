package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tims/internal/control"
	"tims/internal/node"
)

// scrubReport is what `tims scrub` found and did.
type scrubReport struct {
	node.Scrubbed
	Running bool   `json:"running"` // the running node did it
	Sound   bool   `json:"sound"`   // nothing bad is left
	Aside   string `json:"aside,omitempty"`
}

func scrubCommand() *cobra.Command {
	c := &cobra.Command{Use: "scrub --dir DIR", Short: "Read a node's files again, name what is bad, and repair it from a good copy",
		Long: "A running node does this by itself once a day; the command asks it to do it now. Beside a node that is stopped, the command\n" +
			"reads the logs itself, and with --repair mends them from the peers of the roster: that is the way back for a node that does\n" +
			"not start because its own log contradicts its signed checkpoint. Nothing is ever signed by it. Exit code 0: nothing bad is\n" +
			"left; 1: something is, or it could not be read to the end; 2: misused.", Args: cobra.NoArgs}
	dir := c.Flags().String("dir", "", "directory of the node")
	repair := c.Flags().Bool("repair", false, "mend what is bad from a good copy")
	giveUp := c.Flags().Bool("new-epoch", false, "put the own log of a stopped node aside, where --repair could not mend it; the next start takes back what peers hold and begins a new epoch")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir"); err != nil {
			return err
		}
		if !isNode(*dir) {
			return misused("%s is no directory of a node", *dir)
		}
		if *giveUp && *repair {
			return misused("--new-epoch is for what --repair could not mend; give one of the two")
		}
		r, err := scrub(c, *dir, *repair, *giveUp)
		if err != nil {
			return err
		}
		r.Sound = len(r.Left) == 0
		if err := tell(c, *asJSON, r, r.text); err != nil || r.Sound {
			return err
		}
		return errFound
	}
	return c
}

func scrub(c *cobra.Command, dir string, repair, giveUp bool) (r scrubReport, err error) {
	if giveUp {
		r.Found, r.Left = []node.Finding{}, []node.Finding{}
		r.Aside, err = node.GiveUpLog(node.Options{Dir: dir})
		return r, err
	}
	r.Scrubbed, err = control.NewClient(dir).Scrub(c.Context(), repair)
	if !errors.Is(err, control.ErrNotRunning) {
		r.Running = true
		return r, err
	}
	r.Scrubbed, err = node.RepairDir(c.Context(), node.Options{Dir: dir}, repair)
	return r, err
}

func (r scrubReport) text(w io.Writer) {
	switch {
	case r.Aside != "":
		fmt.Fprintf(w, "The log lies in %s now. Start the node: it takes back what its peers hold and goes on in a new epoch.\n", r.Aside)
	case len(r.Found) == 0:
		fmt.Fprintf(w, "Sound: %s, %s.\n", many(r.Logs, "log"), many(r.Records, "record"))
	case r.Sound:
		fmt.Fprintf(w, "Repaired: %s.\n", many(len(r.Found), "fault"))
	default:
		fmt.Fprintf(w, "NOT sound: %s found, %d left.\n", many(len(r.Found), "fault"), len(r.Left))
	}
	for _, f := range r.Found {
		fmt.Fprintf(w, "  found: %s\n", f)
	}
	for _, f := range r.Left {
		fmt.Fprintf(w, "  left:  %s\n", f)
	}
	if !r.Running && r.Aside == "" {
		fmt.Fprintln(w, "The node does not run: its projection was not looked at. It is compared with the logs once the node runs.")
	}
}
