package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/tlog"
	"tims/internal/witness"
)

// shownEvidence is one piece of evidence as it is listed.
type shownEvidence struct {
	witness.Evidence
	Convicts bool   `json:"convicts"`
	Proves   string `json:"proves"`
	Verified bool   `json:"verified"` // its signatures were checked anew
	Fault    string `json:"fault,omitempty"`
}

type evidenceReport struct {
	Evidence []shownEvidence `json:"evidence"`
}

func witnessEvidenceCommand() *cobra.Command {
	c := &cobra.Command{Use: "evidence --dir DIR", Short: "List what a witness keeps against logs, and what it proves", Args: cobra.NoArgs,
		Long: "Lists the evidence in a witness's directory, also while the witness runs, with its signatures verified anew and what each proves.\n" +
			"Exit code 0 if nothing convicts a log, 1 if something does or cannot be verified."}
	dir := c.Flags().String("dir", "", "directory of the witness")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir"); err != nil {
			return err
		}
		if !holds(*dir, witnessKey) {
			return misused("%s holds no witness", *dir)
		}
		found, err := witness.List(*dir)
		if err != nil {
			return err
		}
		out, wrong := evidenceReport{Evidence: []shownEvidence{}}, false
		for _, e := range found {
			s := shownEvidence{Evidence: e, Convicts: e.Convicts(), Proves: e.Proves(), Verified: true}
			if err := e.Check(); err != nil {
				s.Convicts, s.Verified, s.Fault, s.Proves = false, false, err.Error(), "Nothing: it does not verify. Somebody has touched the file."
			}
			wrong = wrong || s.Convicts || !s.Verified
			out.Evidence = append(out.Evidence, s)
		}
		if err := tell(c, *asJSON, out, out.text); err != nil {
			return err
		}
		if wrong {
			return errFound
		}
		return nil
	}
	return c
}

func (r evidenceReport) text(w io.Writer) {
	if len(r.Evidence) == 0 {
		fmt.Fprintln(w, "No evidence against any log.")
	}
	for _, e := range r.Evidence {
		word := "a question"
		if e.Convicts {
			word = "CONVICTS"
		} else if !e.Verified {
			word = "DOES NOT VERIFY: " + e.Fault
		}
		fmt.Fprintf(w, "%s  %s  %s  (%s)\n  %s\n", e.Found.Format(time.RFC3339), e.Origin, e.Kind, word, e.Proves)
		e.head(w, "cosigned here", e.Ours)
		e.head(w, "refused", e.Theirs)
	}
}

// head prints what a checkpoint says.
func (shownEvidence) head(w io.Writer, what, note string) {
	text, _, _ := strings.Cut(note, "\n\n")
	if cp, err := tlog.ParseHead(text + "\n"); err == nil {
		fmt.Fprintf(w, "  %-13s  %s, root %s\n", what, many(cp.Size, "record"), cp.Root)
	}
}
