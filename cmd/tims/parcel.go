package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tims/internal/control"
	"tims/internal/node"
)

func parcelCommand() *cobra.Command {
	c := &cobra.Command{Use: "parcel", Short: "Carry logs on a stick, where there is no network"}
	c.AddCommand(parcelWriteCommand(), parcelReadCommand())
	return c
}

func parcelWriteCommand() *cobra.Command {
	c := &cobra.Command{Use: "write STICK --dir DIR", Short: "Bring a stick up to all that a node holds",
		Long: "Writes every log that the node in DIR holds onto STICK, a directory: a plain tlog-tiles directory per log that other\n" +
			"programs verify, and beside it the sealed parts, chunks of lists, cosignatures and approved changes. Bodies are sealed;\n" +
			"a stick that is lost tells nobody's name. The same stick again takes what is new. It is written beside the running node.", Args: cobra.ExactArgs(1)}
	dir := c.Flags().String("dir", "", "directory of the node")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := nodeAt(c, *dir); err != nil {
			return err
		}
		say := sayRecords(newProgress(c))
		out, err := control.NewClient(*dir).WriteParcel(c.Context(), args[0], say)
		if errors.Is(err, control.ErrNotRunning) {
			out, err = node.WriteParcelBeside(c.Context(), *dir, args[0], say)
		}
		if err != nil {
			return err
		}
		if err := tell(c, *asJSON, out, func(w io.Writer) { wroteText(w, out) }); err != nil || out.Whole() {
			return err
		}
		return errFound
	}
	return c
}

func parcelReadCommand() *cobra.Command {
	c := &cobra.Command{Use: "read STICK --dir DIR", Short: "Take in what a stick carries",
		Long: "Verifies everything on STICK as if a peer had sent it, takes what is sound into the node in DIR, and says per log what was\n" +
			"taken and what was refused, and why; exit code 1 if anything was refused. A running node reads the stick itself, as its\n" +
			"own user; a stopped one is opened for it.", Args: cobra.ExactArgs(1)}
	dir := c.Flags().String("dir", "", "directory of the node")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := nodeAt(c, *dir); err != nil {
			return err
		}
		if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
			return misused("%s is not a directory; give the stick's", args[0])
		}
		out, err := readParcel(c.Context(), *dir, args[0], sayRecords(newProgress(c)))
		if err != nil {
			return err
		}
		if err := tell(c, *asJSON, out, func(w io.Writer) { tookText(w, out) }); err != nil || out.Whole() {
			return err
		}
		return errFound
	}
	return c
}

// readParcel lets the running node read the stick, or opens the node for it.
func readParcel(ctx context.Context, dir, stick string, say node.Say) (node.ParcelRead, error) {
	out, err := control.NewClient(dir).ReadParcel(ctx, stick, say)
	if !errors.Is(err, control.ErrNotRunning) {
		return out, err
	}
	n, err := node.Open(node.Options{Dir: dir, Version: version, Dial: noNetwork})
	if err != nil {
		return out, err
	}
	out, err = n.ReadParcel(ctx, stick, say)
	return out, errors.Join(err, n.Close())
}

// noNetwork is the dialler of a node that is opened for one piece of work: it has sticks to read and calls nobody.
func noNetwork(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("this command uses no network")
}

func nodeAt(c *cobra.Command, dir string) error {
	if err := required(c, "dir"); err != nil {
		return err
	}
	if !isNode(dir) {
		return misused("%s is not the directory of a node", dir)
	}
	return nil
}

func sayRecords(p *progress) node.Say {
	return func(origin string, done, total uint64) {
		p.say("%s: %s of %s", origin, thousands(done), many(total, "record"))
	}
}

func wroteText(w io.Writer, out node.ParcelWritten) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LOG\tON THE STICK\t")
	for _, l := range out.Logs {
		note := l.Why
		if l.Ahead {
			note = "the stick knew more of it than this node"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", l.Origin, many(l.Size, "record"), note)
	}
	t.Flush()
	fmt.Fprintf(w, "%s written, %s bytes. Wait until the system says that the stick can be removed.\n", many(out.Files, "file"), thousands(uint64(out.Bytes)))
}

func tookText(w io.Writer, out node.ParcelRead) {
	if out.Foreign {
		fmt.Fprintln(w, "The stick says that it is another country's.")
	}
	if out.Changes > 0 {
		fmt.Fprintf(w, "%s of the country came into force.\n", many(out.Changes, "approved change"))
	}
	if out.ChangesRefused != "" {
		fmt.Fprintf(w, "REFUSED: approved changes: %s\n", out.ChangesRefused)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LOG\tON THE STICK\tBEFORE\tNOW\tWHOLE\t")
	for _, l := range out.Logs {
		name, note := l.Origin, ""
		if name == "" {
			name = l.Dir
		}
		switch {
		case l.Evidence != "":
			note = "FROZEN: " + l.Evidence
		case l.Refused != "":
			note = "REFUSED: " + l.Refused
		case l.Own:
			note = "this node's own; cosignatures are taken"
		case l.Stick < l.Before:
			note = "an old stick: more was here already"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", name, thousands(l.Stick), thousands(l.Before), thousands(l.Records), thousands(l.Settled), note)
	}
	t.Flush()
	for _, l := range out.Logs {
		if len(l.Damaged) > 0 {
			fmt.Fprintf(w, "DAMAGED on the stick, of %s: %s. Nothing is lost by it: the hashes were computed anew and proven. The stick goes bad.\n",
				l.Origin, strings.Join(l.Damaged, ", "))
		}
	}
	if out.More {
		fmt.Fprintln(w, "REFUSED: the stick has more names than any country has logs; the rest was not looked at.")
	}
}
