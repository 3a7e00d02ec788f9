package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tims/internal/control"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

func alertsLossesCommand() *cobra.Command {
	var f runningFlags
	var list, draft string
	var ids []string
	c := &cobra.Command{Use: "losses --list LIST --dir DIR", Short: "Tell which alerts wait for the authority, and draft their loss", Args: cobra.NoArgs,
		Long: "Tells which alerts are still matched although the release in force lacks or weakens them. --draft writes the change by which\n" +
			"the authority lets them go: all of them, or those of --id. Each approver looks at it and signs it with `tims alerts approve`,\n" +
			"and `tims alerts withdraw` brings it into force. It is void after 24 hours."}
	f.add(c)
	c.Flags().StringVar(&list, "list", "", "name of the list")
	c.Flags().StringVar(&draft, "draft", "", "`FILE` for the change, not there yet")
	c.Flags().StringArrayVar(&ids, "id", nil, "draft the loss of the alert of this id alone; repeat it for each")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := errors.Join(required(c, "list"), f.check("")); err != nil {
			return err
		}
		if draft == "" && len(ids) > 0 {
			return misused("--id chooses what is drafted; give --draft too")
		}
		running := control.NewClient(f.dir)
		l, err := running.Waiting(c.Context(), list)
		if err != nil {
			return err
		}
		if draft == "" {
			return tell(c, *asJSON, l, func(w io.Writer) { tellWaiting(w, l) })
		}
		if err := allWait(l, ids); err != nil {
			return err
		}
		d, err := running.DraftLoss(c.Context(), list, ids)
		if err != nil {
			return err
		}
		if l, err = running.JudgeLoss(c.Context(), d); err != nil {
			return err
		}
		if l.Unknown > 0 || l.Settles && l.Left > 0 { // it came into force, or a release did, between the two
			return fmt.Errorf("list %s changed meanwhile; nothing was drafted: look again at what waits", list)
		}
		if err := writeNew(draft, d.Encode(), 0o600); err != nil {
			return err
		}
		return tell(c, *asJSON, l, func(w io.Writer) {
			tellLoss(w, l)
			fmt.Fprintf(w, "\nDrafted in %s. Next, each approver beside a node of his own trust, not the one that drafted it:\n"+
				"  tims alerts approve %s --dir DIR --authority KEY\n", draft, draft)
		})
	}
	return c
}

// allWait says which of the ids does not wait, as far as the node has told all that do.
func allWait(l control.Losses, ids []string) error {
	if l.Count == 0 || l.Count > len(l.Alerts) {
		return nil
	}
	for _, id := range ids {
		if !slices.ContainsFunc(l.Alerts, func(a control.WaitingAlert) bool { return a.ID == id }) {
			return fmt.Errorf("--id %s: no such alert of list %s waits to be let go", id, l.List)
		}
	}
	return nil
}

func alertsApproveCommand() *cobra.Command {
	var f runningFlags
	var authority []string
	c := &cobra.Command{Use: "approve FILE --dir DIR", Short: "Look at a drafted loss of alerts by a copy of one's own, and sign it", Args: cobra.ExactArgs(1),
		Long: "Shows the draft as the running node of a directory explains it from its own verified copy of the logs: run it beside a node that\n" +
			"you trust, best another than the one that drafted it. With --authority the change is signed, and the signature is added to FILE.\n" +
			"Nothing is signed that this node cannot explain wholly."}
	f.add(c)
	c.Flags().StringArrayVar(&authority, "authority", nil, "key file of an approver; repeat it for each. Without one the draft is only shown")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := f.check(""); err != nil {
			return err
		}
		d, err := readLoss(args[0])
		if err != nil {
			return err
		}
		running := control.NewClient(f.dir)
		l, err := running.JudgeLoss(c.Context(), d)
		if err != nil {
			return err
		}
		if l.Unknown > 0 || l.Settles && l.Left > 0 {
			return errors.Join(tell(c, *asJSON, l, func(w io.Writer) { tellLoss(w, l) }), errFound)
		}
		if len(authority) > 0 {
			if err := signLoss(&d, f.dir, authority, l); err != nil {
				return err
			}
			if l, err = running.JudgeLoss(c.Context(), d); err != nil {
				return err
			}
			if err := replaceFile(args[0], d.Encode()); err != nil {
				return err
			}
		}
		return tell(c, *asJSON, l, func(w io.Writer) {
			tellLoss(w, l)
			if len(l.Approved) >= l.Needed {
				fmt.Fprintf(w, "\nNext, beside any running node: tims alerts withdraw %s --dir DIR\n", args[0])
			}
		})
	}
	return c
}

// signLoss adds the signatures of the key files given, of those that have not signed.
func signLoss(d *node.LossDraft, dir string, authority []string, l control.Losses) error {
	founding, err := node.ReadFounding(dir)
	if err != nil {
		return err
	}
	approve, err := approveWith(authority, founding.Country)
	if err != nil {
		return err
	}
	signed, err := approve(d.Change)
	fresh := slices.DeleteFunc(signed, func(a roster.Approval) bool { return slices.Contains(l.Approved, a.Approver) })
	if err == nil && len(fresh) == 0 {
		return signedAlready(l)
	}
	d.Approvals = append(d.Approvals, fresh...)
	return err
}

// signedAlready says what stands, and what is left to do.
func signedAlready(l control.Losses) error {
	who := strings.Join(l.Approved, ", ")
	if left := l.Needed - len(l.Approved); left > 0 {
		return fmt.Errorf("signed already by %s; %s of another approver needed", who, many(left, "signature"))
	}
	return fmt.Errorf("signed already by %s, which is enough: next, beside any running node, tims alerts withdraw", who)
}

func alertsWithdrawCommand() *cobra.Command {
	var f runningFlags
	c := &cobra.Command{Use: "withdraw FILE --dir DIR", Short: "Bring an approved loss of alerts into force", Args: cobra.ExactArgs(1),
		Long: "Hands the approved draft to the running node of a directory. The node counts the approvals itself; from there the loss reaches\n" +
			"every other node, which does the same."}
	f.add(c)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := f.check(""); err != nil {
			return err
		}
		d, err := readLoss(args[0])
		if err != nil {
			return err
		}
		var l roster.Loss
		if err := record.Unmarshal(d.Change.State, &l); err != nil {
			return fmt.Errorf("%s is not a draft of a loss of alerts: %w", args[0], err)
		}
		if err := control.NewClient(f.dir).Withdraw(c.Context(), d); err != nil {
			return err
		}
		out := struct {
			List     string `json:"list"`
			Release  uint64 `json:"release"`
			Versions int    `json:"versions"`
		}{l.List, l.Release, l.Count}
		return tell(c, *asJSON, out, func(w io.Writer) {
			fmt.Fprintf(w, "In force: %s of list %s let go, by release %d.\n", many(out.Versions, "version"), out.List, out.Release)
		})
	}
	return c
}

func readLoss(path string) (node.LossDraft, error) {
	b, err := readFile(path, control.MaxLossDraft)
	if err != nil {
		return node.LossDraft{}, err
	}
	d, err := node.DecodeLoss(b)
	if err != nil {
		return d, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return d, nil
}

// replaceFile puts new content in place of a file, whole or not at all.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func tellWaiting(w io.Writer, l control.Losses) {
	if l.Count == 0 {
		fmt.Fprintf(w, "List %s, release %d at %s: nothing waits.\n", l.List, l.Release, l.Node)
		return
	}
	fmt.Fprintf(w, "List %s, release %d at %s: %s matched until the authority lets them go (%s).\n\n",
		l.List, l.Release, l.Node, many(l.Count, "alert"), many(l.Needed, "approval"))
	tellAlerts(w, l)
}

// tellLoss explains a draft.
func tellLoss(w io.Writer, l control.Losses) {
	fmt.Fprintf(w, "List %s, release %d. By the copy of %s this change lets go %s:\n\n", l.List, l.Release, l.Node, many(l.Count, "alert"))
	tellAlerts(w, l)
	if l.Unknown > 0 {
		fmt.Fprintf(w, "\nNOT to be signed here: it names %s that %s does not match. Either it was let go before, or this node lacks a release,\n"+
			"or the draft was made from something else.\n", many(l.Unknown, "version"), l.Node)
	}
	if l.Settles && l.Left > 0 {
		fmt.Fprintf(w, "\nNOT to be signed here: it says that nothing else waits, and %s would.\n", many(l.Left, "alert"))
	}
	who := "nobody"
	if len(l.Approved) > 0 {
		who = strings.Join(l.Approved, ", ")
	}
	fmt.Fprintf(w, "\nApproved by %s; %d needed.\n", who, l.Needed)
}

func tellAlerts(w io.Writer, l control.Losses) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ALERT\tKIND\tACTION\tWHO OR WHAT\tLAST IN RELEASE\tNOW")
	for _, a := range l.Alerts {
		now := "absent"
		if a.Now != "" {
			now = a.Now + ", other " + strings.Join(a.Weaker, ", ")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\n", a.ID, a.Kind, a.Action, strings.Join(a.Names, "; "), a.Release, now)
	}
	t.Flush()
	if more := l.Count - len(l.Alerts); more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
}
