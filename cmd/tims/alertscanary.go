package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/control"
	"tims/internal/watchlist"
)

// canaryList is the list of canaries where no other is named.
const canaryList = "canary"

// canaryFlags are the flags of `tims alerts canary`.
type canaryFlags struct {
	at                            runningFlags
	list, id                      string
	surname, given, birth, nation string
	sex                           string
}

func alertsCanaryCommand() *cobra.Command {
	var f canaryFlags
	c := &cobra.Command{Use: "canary --dir DIR --id ID --surname NAME", Short: "Put an invented alert in force that every booth must find", Args: cobra.NoArgs,
		Long: "Adds an invented person to a list of canaries and releases it at the running centre of a directory. Every node of the country\n" +
			"looks once a day for each canary as it would look for a traveller; one that does not find it raises an alarm, and the centre sees\n" +
			"which posts have looked. No traveller is ever a hit on a canary. Choose a name that nobody bears, and a birth date and nationality\n" +
			"as real alerts have them. Whoever knows the canaries knows what to leave matched: tell nobody."}
	f.at.add(c)
	c.Flags().StringVar(&f.list, "list", canaryList, "name of the list")
	c.Flags().StringVar(&f.id, "id", "", "number of the canary within the list")
	c.Flags().StringVar(&f.surname, "surname", "", "surname")
	c.Flags().StringVar(&f.given, "given", "", "given names")
	c.Flags().StringVar(&f.birth, "birth", "", "birth date, such as 1971-03-09")
	c.Flags().StringVar(&f.nation, "nationality", "", "code of the state as in a zone, such as RKS, or its English name")
	c.Flags().StringVar(&f.sex, "sex", "", "F or M")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "id", "surname"); err != nil {
			return err
		}
		if err := f.at.check(""); err != nil {
			return err
		}
		a, err := f.alert()
		if err != nil {
			return err
		}
		out, err := f.release(c, a)
		if err != nil {
			return err
		}
		return tell(c, *asJSON, out, out.text)
	}
	return c
}

func (f *canaryFlags) alert() (border.Alert, error) {
	a := border.Alert{ID: f.list + ":" + f.id, List: f.list, Kind: border.PersonAlert, Action: border.ActInform, Reason: "canary", Canary: true,
		Names: []border.AlertName{{Primary: f.surname, Secondary: f.given}}}
	if strings.ContainsFunc(f.id, unicode.IsSpace) {
		return a, misused("--id %q: a number without blanks", f.id)
	}
	if f.birth != "" {
		born, err := border.ParsePartialDate(f.birth)
		if err != nil {
			return a, misused("--birth %q: a date such as 1971-03-09", f.birth)
		}
		a.Births = []border.PartialDate{born}
	}
	if f.nation != "" {
		state, err := anyState(f.nation)
		if err != nil {
			return a, misused("--nationality %q: a code such as RKS, or an English name", f.nation)
		}
		a.Nations = []string{state}
	}
	if a.Sex = sexWords[strings.ToLower(f.sex)]; f.sex != "" && a.Sex == "" {
		return a, misused("--sex %q: F or M", f.sex)
	}
	if err := a.Validate(); err != nil {
		return a, misused("%v", err)
	}
	if len(a.Probes()) == 0 {
		return a, misused("--surname: a name of which a zone has letters")
	}
	if !findable(&a) {
		return a, misused("no booth would find it, for what is known of it scores too little; add --given, --birth or --nationality")
	}
	return a, nil
}

// findable says whether a node with no other alert would find a canary. One that it would miss raises an alarm at every node, until the
// authority has let it go.
func findable(a *border.Alert) bool {
	alone := (*watchlist.Index)(nil).Alone(a)
	for _, p := range a.Probes() {
		q := watchlist.QueryOf(p.Document)
		q.Least, q.Canaries = watchlist.DefaultLeast(), true
		if len(alone.Match(q)) == 0 {
			return false
		}
	}
	return true
}

// canaryReport is what `tims alerts canary` did.
type canaryReport struct {
	List     string `json:"list"`
	Release  uint64 `json:"release"`
	Canaries int    `json:"canaries"` // in the list now
	Waiting  int    `json:"waiting"`  // alerts that stay matched until the authority lets them go
}

func (f *canaryFlags) release(c *cobra.Command, a border.Alert) (canaryReport, error) {
	client, alerts := control.NewClient(f.at.dir), []border.Alert(nil)
	for old, err := range client.Alerts(c.Context(), f.list, "") {
		if err != nil {
			return canaryReport{}, err
		}
		if old.ID != a.ID {
			alerts = append(alerts, old)
		} else if !old.Canary {
			return canaryReport{}, fmt.Errorf("%s is an alert of list %s and no canary; choose another --id", a.ID, f.list)
		}
	}
	alerts = append(alerts, a)
	slices.SortFunc(alerts, func(a, b border.Alert) int { return strings.Compare(a.ID, b.ID) })
	out := canaryReport{List: f.list}
	for _, a := range alerts {
		if a.Canary {
			out.Canaries++
		}
	}
	in, err := client.Release(c.Context(), f.list, 0, alerts, func(int, int) {})
	out.Release, out.Waiting = in.Release, in.Waiting
	return out, err
}

func (r canaryReport) text(w io.Writer) {
	fmt.Fprintf(w, "Released as %s, release %d. It has %s; each node finds all of them or raises an alarm.\n",
		r.List, r.Release, canaryCount(r.Canaries))
	if r.Waiting > 0 {
		fmt.Fprintf(w, "%s for approval, matched until then: tims alerts losses --list %s\n", waits(r.Waiting), r.List)
	}
}

func canaryCount(n int) string {
	if n == 1 {
		return "1 canary"
	}
	return thousands(n) + " canaries"
}
