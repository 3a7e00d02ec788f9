package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/node"
	"tims/internal/roster"
)

func officerCommand() *cobra.Command {
	var f countryFlags
	var change node.OfficerChange
	var given []string
	var to string
	c := &cobra.Command{Use: "officer --label LABEL --to FILE …", Short: "Add an officer, replace a lost passkey, or drop an officer", Args: cobra.NoArgs,
		Long: "Makes an approved change of the roster: a new officer with his duties, a new enrolment key for one whose passkey is lost\n" +
			"(the old passkey is void as soon as the change arrives), or the end of one. A running node learns the change with\n" +
			"`tims roster learn`, and all others learn it from that one. The one-time code goes to standard output alone: give it\n" +
			"to the officer in person. He makes his passkey with it at any post's sign-in page."}
	c.Flags().StringVar(&change.Label, "label", "", "label of the officer, as colleagues see it")
	c.Flags().StringArrayVar(&given, "duty", nil, "booth, second-line, supervisor, analyst or administrator; repeat it for each")
	c.Flags().BoolVar(&change.Drop, "drop", false, "the officer is out")
	c.Flags().StringVar(&to, "to", "", "file for the change, not there yet")
	f.add(c)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "label", "to", "founding", "hash", "authority"); err != nil {
			return err
		}
		if change.Drop && len(given) > 0 {
			return misused("--drop and --duty do not go together")
		}
		for _, d := range given {
			if !slices.Contains(duties, d) {
				return misused("duty %q is none of %v", d, duties)
			}
			change.Duties = append(change.Duties, roster.Duty(d))
		}
		out, err := changeOfficer(change, to, f)
		if err != nil {
			return err
		}
		return tell(c, *asJSON, out, out.text)
	}
	return c
}

// officerReport is what `tims officer` made.
type officerReport struct {
	Officer string `json:"officer"`
	Change  string `json:"change"`
	Code    string `json:"code,omitempty"`
}

func (r officerReport) text(w io.Writer) {
	fmt.Fprintf(w, "The change is in %s; it is void in 24 hours. Next, beside a running node:\n  tims roster learn %s --dir DIR\n", r.Change, r.Change)
	if r.Code != "" {
		fmt.Fprintf(w, "One-time code of %s, to make one passkey with:\n  %s\n", r.Officer, r.Code)
	}
}

func changeOfficer(change node.OfficerChange, to string, f countryFlags) (officerReport, error) {
	country, err := f.read()
	if err != nil {
		return officerReport{}, err
	}
	all, code, err := node.ChangeOfficer(change, country.founding, country.changes, time.Now(), country.approve)
	if err != nil {
		return officerReport{}, err
	}
	return officerReport{change.Label, to, code}, writeNew(to, roster.AppendChange(nil, all[len(all)-1]), 0o644)
}
