package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/invented"
)

func generateCommand() *cobra.Command {
	c := &cobra.Command{Use: "generate", Short: "Make up alert lists and travellers, to measure with"}
	c.AddCommand(generateAlertsCommand(), generateTravellersCommand())
	return c
}

func generateAlertsCommand() *cobra.Command {
	var l invented.List
	c := &cobra.Command{Use: "alerts --persons N", Short: "Make up an alert list of any size, in the format csv", Args: cobra.NoArgs,
		Long: "Writes a list of invented alerts to standard output, as `tims match --format csv` and `tims alerts import` read it. Names are\n" +
			"as frequent as in life; the same seed makes the same list, and a longer one begins as the shorter one."}
	c.Flags().IntVar(&l.Persons, "persons", 0, "alerts about persons")
	c.Flags().IntVar(&l.Documents, "documents", 0, "alerts about documents")
	c.Flags().IntVar(&l.Vehicles, "vehicles", 0, "alerts about vehicles")
	c.Flags().Uint64Var(&l.Seed, "seed", 1, "number from which all follows")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if l.Persons < 0 || l.Documents < 0 || l.Vehicles < 0 || l.Persons+l.Documents+l.Vehicles == 0 {
			return misused("say how many with --persons, --documents or --vehicles")
		}
		return writeAlerts(c, l)
	}
	return c
}

// alertColumns are those of the format csv that the generator fills.
var alertColumns = []string{"id", "kind", "action", "issuer", "name", "aliases", "weak_aliases", "birth", "nationality", "sex", "documents", "vehicles"}

func writeAlerts(c *cobra.Command, l invented.List) error {
	out := bufio.NewWriterSize(c.OutOrStdout(), 1<<16)
	w := csv.NewWriter(out)
	w.Write(alertColumns) // errors of all rows come from Flush
	p := newProgress(c)
	n := 0
	for a := range invented.Alerts(l) {
		w.Write(alertRow(&a))
		if n++; n%1024 == 0 {
			if w.Error() != nil || c.Context().Err() != nil {
				break
			}
			p.say("%s of %s made", many(n, "alert"), thousands(l.Persons+l.Documents+l.Vehicles))
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	if err := c.Context().Err(); err != nil {
		return err
	}
	fmt.Fprintf(out, "#end,%d\n", n)
	return out.Flush()
}

func alertRow(a *border.Alert) []string {
	var names [3][]string // first, aliases, weak aliases
	for i, n := range a.Names {
		column := 0
		switch {
		case n.Weak:
			column = 2
		case i > 0:
			column = 1
		}
		names[column] = append(names[column], n.Primary+", "+n.Secondary)
	}
	var births, documents, vehicles []string
	for _, b := range a.Births {
		births = append(births, shortDate(b))
	}
	for _, d := range a.Documents {
		documents = append(documents, d.Issuer+":"+d.Number+"::"+d.Status)
	}
	for _, v := range a.Vehicles {
		vehicles = append(vehicles, v.Country+":"+v.Plate+":"+v.VIN)
	}
	several := func(s []string) string { return strings.Join(s, ";") }
	return []string{a.ID, a.Kind.String(), a.Action.String(), a.Issuer, several(names[0]), several(names[1]), several(names[2]),
		several(births), several(a.Nations), a.Sex, several(documents), several(vehicles)}
}

// shortDate leaves out what is not known: 1974, 1974-08, 1974-08-12.
func shortDate(b border.PartialDate) string { return strings.TrimRight(b.String(), "-?") }

func generateTravellersCommand() *cobra.Command {
	var seed uint64
	var persons int
	c := &cobra.Command{Use: "travellers --persons N", Short: "Make up ordinary travellers, as `tims match` reads them", Args: cobra.NoArgs}
	c.Flags().IntVar(&persons, "persons", 0, "how many")
	c.Flags().Uint64Var(&seed, "seed", 1, "number from which all follows")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if persons <= 0 {
			return misused("say how many with --persons")
		}
		return writeTravellers(c.OutOrStdout(), seed, persons)
	}
	return c
}

func writeTravellers(to io.Writer, seed uint64, persons int) error {
	w := bufio.NewWriter(to)
	enc := json.NewEncoder(w)
	n := 0
	for d := range invented.Travellers(seed, persons) {
		n++
		if err := enc.Encode(map[string]string{"id": fmt.Sprint(n), "surname": d.Primary, "given": d.Secondary, "birth": shortDate(d.Birth),
			"nationality": d.Nationality, "sex": d.Sex, "document": d.Number}); err != nil {
			return err
		}
	}
	return w.Flush()
}
