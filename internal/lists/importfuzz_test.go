package lists

import (
	"bytes"
	"testing"

	"tims/internal/border"
)

// fuzzImporter holds for every importer, whatever the bytes: it ends, counts add up, and each alert is one that a booth can use.
func fuzzImporter(f *testing.F, format Format, files ...string) {
	for _, file := range files {
		b := fixture(f, string(format), file)
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, s, err := tried(format, bytes.NewReader(b))
		if err != nil {
			return
		}
		skipped := 0
		for _, n := range s.Skipped {
			skipped += n
		}
		if s.Read != s.Alerts+skipped || s.Alerts != len(all) {
			t.Fatalf("items do not add up: %+v", s)
		}
		for i := range all {
			if err := all[i].Validate(); err != nil {
				t.Fatal(err)
			}
		}
		if len(all) == 0 {
			return
		}
		sorted, _ := Sort(all)
		if _, err := Chunks(sorted); err != nil { // texts that are no UTF-8 would not come back
			t.Fatal(err)
		}
	})
}

func FuzzAdvanced(f *testing.F) { fuzzImporter(f, OFACAdvanced, "sdn_advanced.xml") }
func FuzzUN(f *testing.F)       { fuzzImporter(f, UNConsolidated, "consolidated.xml") }
func FuzzEU(f *testing.F)       { fuzzImporter(f, EUConsolidated, "fsf.xml") }
func FuzzUK(f *testing.F)       { fuzzImporter(f, UKOFSI, "conlist.csv", "uk-sanctions-list.csv") }
func FuzzSimple(f *testing.F)   { fuzzImporter(f, OpenSanctionsSimple, "targets.simple.csv") }
func FuzzEntities(f *testing.F) { fuzzImporter(f, OpenSanctions, "entities.ftm.json") }
func FuzzPlain(f *testing.F)    { fuzzImporter(f, PlainCSV, "alerts.csv") }

func FuzzNumbers(f *testing.F) {
	f.Add(fixture(f, "numbers", "numbers.csv"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		s, err := ImportNumbers(bytes.NewReader(b), func(x Number) error {
			n++
			if border.NumberKey(x.Number) != x.Number || border.NumberKey(x.To) != x.To {
				t.Fatal("a number is not in its form")
			}
			return nil
		})
		if err == nil && (s.Alerts != n || s.Read != n+s.Skipped["faulty"]) {
			t.Fatalf("items do not add up: %+v", s)
		}
	})
}
