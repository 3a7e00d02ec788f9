package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/control"
	"tims/internal/node"
)

// runningFlags name the running node that a command asks.
type runningFlags struct{ dir, config string }

func (f *runningFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.dir, "dir", "", "directory of the running centre or post")
	c.Flags().StringVar(&f.config, "config", "", "configuration of the running centre or post, instead of --dir")
}

func (f *runningFlags) check(instead string) error {
	switch {
	case f.dir != "" && f.config != "":
		return misused("give --dir or --config, not both")
	case f.config != "":
		cfg, err := readConfig(f.config)
		f.dir = cfg.Dir
		return err
	case f.dir == "":
		return misused("give the running node with --dir or --config%s", instead)
	}
	return nil
}

// listReport is one list in force.
type listReport struct {
	List     string    `json:"list"`
	Release  uint64    `json:"release"`
	Released time.Time `json:"released"`
	KnownTo  time.Time `json:"known_to"`
	Alerts   int       `json:"alerts"`
	Numbers  int       `json:"numbers,omitempty"` // of them: bare document numbers, a range as one
	Waiting  int       `json:"waiting"`
	Newer    uint64    `json:"newer,omitempty"`
	Refused  uint64    `json:"refused,omitempty"` // a release that does not come into force
	Why      string    `json:"why,omitempty"`     // of it: room, held or broken
	Missing  int       `json:"missing,omitempty"` // earlier releases that are not wholly here
	Oldest   uint64    `json:"oldest,omitempty"`  // the first of them
}

func alertsListCommand() *cobra.Command {
	var f runningFlags
	c := &cobra.Command{Use: "list --dir DIR", Short: "Tell which alert lists are in force at a running centre or post", Args: cobra.NoArgs,
		Long: "Tells of each list its release, when it was released, up to when this node would know of a newer one, how many alerts it\n" +
			"has, and how many alerts of earlier releases are still matched because nobody has approved their loss; then of each release that\n" +
			"is on its way into force, such as all of them at a first start, how far it has come. Exit code 1: a list is not in force yet."}
	f.add(c)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := f.check(""); err != nil {
			return err
		}
		in, coming, err := listsAt(c.Context(), control.NewClient(f.dir))
		if err != nil {
			return err
		}
		out := []listReport{}
		for _, l := range in {
			out = append(out, listReport{l.List, l.Release, time.UnixMilli(l.Released).UTC(), time.UnixMilli(l.KnownTo).UTC(), l.Count, l.Numbers, l.Waiting, l.Newer,
				l.Refused, string(l.Why), l.Missing, l.Oldest})
		}
		err = tell(c, *asJSON, struct {
			Lists  []listReport   `json:"lists"`
			Coming []comingReport `json:"coming"`
		}{out, coming}, func(w io.Writer) { tellLists(w, out, coming) })
		if err == nil && slices.ContainsFunc(coming, func(l comingReport) bool { return !l.InForce }) {
			err = errFound
		}
		return err
	}
	return c
}

// comingReport is a release on its way into force.
type comingReport struct {
	List    string `json:"list"`
	Release uint64 `json:"release"`
	InForce bool   `json:"in_force"` // an earlier release of the list is
	Chunks  int    `json:"chunks"`   // 0 while it is not known how many it has
	Here    int    `json:"here"`
	Opened  int    `json:"opened"`
	Indexed int    `json:"indexed"`
	Why     string `json:"why,omitempty"` // it does not come into force: room or held
}

// listsAt asks a node for its lists, first for what is on its way: what comes into force between the two is not left out.
func listsAt(ctx context.Context, n *control.Client) (in []node.ListInForce, out []comingReport, err error) {
	coming, err := n.Coming(ctx)
	if err != nil {
		return nil, nil, err
	}
	if in, err = n.Lists(ctx); err != nil {
		return nil, nil, err
	}
	out = []comingReport{}
	for _, l := range coming {
		at := slices.IndexFunc(in, func(f node.ListInForce) bool { return f.List == l.List })
		if at >= 0 && in[at].Release >= l.Release {
			continue
		}
		out = append(out, comingReport{l.List, l.Release, at >= 0, l.Chunks, l.Here, l.Opened, l.Indexed, string(l.Why)})
	}
	return in, out, nil
}

func (l comingReport) text() string {
	of := func(n int) string { return fmt.Sprintf("%s of %s", thousands(n), many(l.Chunks, "chunk")) }
	switch {
	case l.Why != "":
		return "is REFUSED: " + whyRefused[node.Refused(l.Why)]
	case l.Chunks == 0:
		return "is on its way here"
	case l.Here < l.Chunks:
		return "is on its way here: " + of(l.Here)
	case l.Opened < l.Chunks:
		return "is being opened: " + of(l.Opened)
	}
	return "is opened, and being made ready to match: " + of(l.Indexed)
}

func tellLists(w io.Writer, all []listReport, coming []comingReport) {
	if len(all)+len(coming) == 0 {
		fmt.Fprintln(w, "No list is in force.")
	}
	for _, l := range coming {
		if !l.InForce {
			fmt.Fprintf(w, "%s: NOT in force yet; release %d %s.\n", l.List, l.Release, l.text())
		}
	}
	for _, l := range all {
		what := "alert"
		if l.Numbers > 0 {
			what = "number"
		}
		fmt.Fprintf(w, "%s: release %d of %s, %s; known up to %s", l.List, l.Release, l.Released.Format(stamp), many(l.Alerts, what), l.KnownTo.Format(stamp))
		for _, next := range coming {
			if next.List == l.List {
				fmt.Fprintf(w, "; release %d %s", next.Release, next.text())
			}
		}
		if l.Waiting > 0 {
			fmt.Fprintf(w, "; %s for approval", waits(l.Waiting))
		}
		if l.Refused > 0 && l.Refused != l.Newer {
			fmt.Fprintf(w, "; release %d is REFUSED: %s", l.Refused, whyRefused[node.Refused(l.Why)])
		}
		if l.Missing > 0 {
			fmt.Fprintf(w, "; %s not wholly here, the first is release %d", many(l.Missing, "earlier release"), l.Oldest)
		}
		fmt.Fprintln(w, ".")
	}
}

// whyRefused tells a person why a release does not come into force.
var whyRefused = map[node.Refused]string{
	node.RefusedRoom:   "the lists would take more memory than this node gives them (list_memory_mib)",
	node.RefusedHeld:   "it loses more alerts at once than wait for approval",
	node.RefusedBroken: "it is not what its record says",
}

// stamp is how a time is told to a person.
const stamp = "2006-01-02 15:04 MST"

// alertReport is an alert as it stands in a list, in the words of the plain table (docs/design/alert-files.md).
type alertReport struct {
	ID          string   `json:"id"`
	List        string   `json:"list"`
	Held        bool     `json:"held"` // of an earlier release, matched until its loss is approved
	Kind        string   `json:"kind"`
	Action      string   `json:"action"`
	Issuer      string   `json:"issuer,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	Names       []string `json:"name,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
	WeakAliases []string `json:"weak_aliases,omitempty"`
	Births      []string `json:"birth,omitempty"`
	Nations     []string `json:"nationality,omitempty"`
	Sex         string   `json:"sex,omitempty"`
	Documents   []string `json:"documents,omitempty"`
	Vehicles    []string `json:"vehicles,omitempty"`
	From        string   `json:"from,omitempty"`
	Until       string   `json:"until,omitempty"`
	Caveats     string   `json:"caveats,omitempty"`
	Notify      []string `json:"notify,omitempty"`
	Face        int      `json:"face_bytes,omitempty"`
	Canary      bool     `json:"canary,omitempty"`
}

func newAlertReport(a *border.Alert, held bool) alertReport {
	r := alertReport{ID: a.ID, List: a.List, Held: held, Kind: a.Kind.String(), Action: a.Action.String(), Issuer: a.Issuer, Reason: a.Reason,
		Nations: a.Nations, Sex: a.Sex, Caveats: a.Caveats, Notify: a.Notify, Face: len(a.Face), Canary: a.Canary}
	for _, n := range a.Names {
		text := n.Primary
		if n.Secondary != "" {
			text += ", " + n.Secondary
		}
		to := &r.Names
		if n.Weak {
			to = &r.WeakAliases
		} else if n.Alias {
			to = &r.Aliases
		}
		*to = append(*to, text)
	}
	for _, b := range a.Births {
		r.Births = append(r.Births, b.String())
	}
	for _, d := range a.Documents {
		r.Documents = append(r.Documents, strings.TrimRight(strings.Join([]string{d.Issuer, d.Number, d.To, d.Status}, ":"), ":"))
	}
	for _, v := range a.Vehicles {
		r.Vehicles = append(r.Vehicles, strings.TrimRight(strings.Join([]string{v.Country, v.Plate, v.VIN}, ":"), ":"))
	}
	if a.From != 0 {
		r.From = a.From.String()
	}
	if a.Until != 0 {
		r.Until = a.Until.String()
	}
	return r
}

func (r *alertReport) text(w io.Writer) {
	fmt.Fprintf(w, "%s, list %s: %s, %s\n", r.ID, r.List, r.Kind, r.Action)
	if r.Held {
		fmt.Fprintln(w, "  held          of an earlier release, matched until the authority has approved its loss")
	}
	if r.Canary {
		fmt.Fprintln(w, "  canary        invented; every node must find it daily")
	}
	for _, l := range []struct {
		word   string
		values []string
	}{{"issuer", []string{r.Issuer}}, {"reason", []string{r.Reason}}, {"name", r.Names}, {"aliases", r.Aliases}, {"weak aliases", r.WeakAliases},
		{"birth", r.Births}, {"nationality", r.Nations}, {"sex", []string{r.Sex}}, {"documents", r.Documents}, {"vehicles", r.Vehicles},
		{"from", []string{r.From}}, {"until", []string{r.Until}}, {"caveats", []string{r.Caveats}}, {"notify", r.Notify}} {
		if text := strings.Join(l.values, "; "); text != "" {
			fmt.Fprintf(w, "  %-13s %s\n", l.word, text)
		}
	}
	if r.Face > 0 {
		fmt.Fprintf(w, "  face          an image of %s\n", many(r.Face, "byte"))
	}
}

func alertsShowCommand() *cobra.Command {
	var f runningFlags
	c := &cobra.Command{Use: "show ID --dir DIR", Short: "Show an alert in force at a running centre or post", Args: cobra.ExactArgs(1),
		Long: "Shows the alert of a number such as un:6908555 as each list in force has it, and as it is still matched where an earlier\n" +
			"release had more. Whoever may open the node's directory may ask, for he may read its keys, too. Exit code 1: no list has it."}
	f.add(c)
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := f.check(""); err != nil {
			return err
		}
		found, late, err := findAlert(c, f.dir, args[0])
		if err != nil {
			return err
		}
		err = tell(c, *asJSON, struct {
			Alerts []alertReport `json:"alerts"`
			Late   []string      `json:"not_in_force"` // lists that were not looked through
		}{found, late}, func(w io.Writer) {
			for i := range found {
				found[i].text(w)
			}
			if len(found) == 0 {
				fmt.Fprintln(w, "No list in force has an alert of that number.")
			}
			if len(late) > 0 {
				fmt.Fprintf(w, "Not in force yet, and not looked through: %s.\n", strings.Join(late, ", "))
			}
		})
		if err == nil && len(found) == 0 {
			err = errFound
		}
		return err
	}
	return c
}

// findAlert gives the alerts of an id, and the lists that are not in force yet.
func findAlert(c *cobra.Command, dir, id string) (found []alertReport, late []string, err error) {
	client := control.NewClient(dir)
	found, late = []alertReport{}, []string{}
	in, coming, err := listsAt(c.Context(), client)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range coming {
		if !l.InForce {
			late = append(late, l.List)
		}
	}
	for _, l := range in {
		ids := []string{id}
		if l.Numbers > 0 {
			ids = numberIDs(l.List, id)
		}
		for _, id := range ids {
			for a, err := range client.Alerts(c.Context(), l.List, id) {
				if err != nil {
					return nil, nil, err
				}
				found = append(found, newAlertReport(&a, false))
			}
			for a, err := range client.Held(c.Context(), l.List, id) {
				if err != nil {
					return nil, nil, err
				}
				found = append(found, newAlertReport(&a, true))
			}
		}
	}
	return found, late, nil
}

// numberIDs gives an id as it was typed, and as a list of bare numbers has it: a person types the I and the O of the document.
func numberIDs(list, id string) []string {
	rest, ofList := strings.CutPrefix(id, list+":")
	issuer, number, whole := strings.Cut(rest, ":")
	if !ofList || !whole {
		return []string{id}
	}
	ids := []string{id}
	first, last, _ := strings.Cut(number, "-")
	for _, key := range []string{border.NumberKey(number), border.NumberKey(first) + "-" + border.NumberKey(last)} {
		if as := list + ":" + issuer + ":" + key; !slices.Contains(ids, as) {
			ids = append(ids, as)
		}
	}
	return ids
}
