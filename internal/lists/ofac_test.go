package lists

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
	"tims/internal/lists/ofacdata"
)

func imported(t testing.TB, files map[string]io.Reader) ([]border.Alert, Summary) {
	t.Helper()
	var all []border.Alert
	s, err := Import(OFACSDN, files, func(a border.Alert) error {
		all = append(all, a)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, s
}

// row makes a line of sdn.csv.
func row(id, name, kind, remarks string) string {
	return id + `,"` + name + `",` + kind + `,"SDGT] [IRAN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"` + remarks + "\"\r\n"
}

func TestPerson(t *testing.T) {
	all, s := imported(t, map[string]io.Reader{
		"sdn.csv": strings.NewReader(row("7", "DOE, John Roe, Jr.", `"individual"`,
			"DOB 12 Aug 1974; alt. DOB Sep 1975; POB Tripoli, Libya; nationality Korea, North; citizen Iran; alt. citizen Iran; "+
				"Gender Male; Passport A 123 (Iran) issued 13 Aug 1995 expires 12 Aug 2000; alt. Passport 99; "+
				"National ID No. 55-1 (Congo, Democratic Republic of the); Tax ID No. 4 (Iran); a.k.a. 'ROE, Jack'; Linked To: NOBODY.") + endMark),
		"alt.csv":          strings.NewReader("7,12,\"aka\",\"\xc9LOI, Jean\",-0- \r\n7,13,\"fka\",\"DOE\",-0- \r\n8,14,\"aka\",\"OTHER\",-0- \r\n"),
		"sdn_comments.csv": strings.NewReader("7,\"; a.k.a. 'THE END'.\"\r\n"),
	})
	want := border.Alert{
		ID: "ofac:7", List: "ofac-sdn", Kind: border.PersonAlert, Action: border.ActInform, Issuer: "US OFAC", Reason: "SDGT, IRAN",
		Names: []border.AlertName{{Primary: "DOE", Secondary: "John Roe, Jr."}, {Primary: "ÉLOI", Secondary: "Jean", Alias: true},
			{Primary: "DOE", Alias: true}, {Primary: "ROE", Secondary: "Jack", Alias: true, Weak: true},
			{Primary: "THE END", Alias: true, Weak: true}},
		Births:  []border.PartialDate{{Year: 1974, Month: 8, Day: 12}, {Year: 1975, Month: 9}},
		Nations: []string{"PRK", "IRN"}, Sex: "M",
		Documents: []border.AlertDocument{{Issuer: "IRN", Number: "A 123"}, {Number: "99"}, {Issuer: "COD", Number: "55-1"}},
	}
	if d := cmp.Diff([]border.Alert{want}, all); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Summary{Read: 1, Alerts: 1, Skipped: map[string]int{}, Whole: true}, s); d != "" {
		t.Error(d)
	}
}

func TestBirthDates(t *testing.T) {
	for text, want := range map[string]string{
		"12 Aug 1974":                "1974-08-12",
		"29 Feb 1972":                "1972-02-29",
		"Aug 1974":                   "1974-08-??",
		"1974":                       "1974-??-??",
		"circa 1974":                 "1973-??-?? 1974-??-?? 1975-??-??",
		"circa 12 Aug 1974":          "1974-08-12 1973-??-?? 1974-??-?? 1975-??-??",
		"1984 to 1986":               "1984-??-?? 1985-??-?? 1986-??-??",
		"01 Jan 1960 to 31 Dec 1961": "1960-??-?? 1961-??-??",
		"Aug 1974 to Sep 1974":       "1974-??-??",
		"circa 1960-1961":            "1959-??-?? 1960-??-?? 1961-??-?? 1962-??-??",
		"29 Feb 1973":                "-", "31 Apr 1970": "-", "0 Jan 1970": "-", "Foo 1970": "-", "12": "-", "": "-", "+1974": "-",
		"1986 to 1984": "-", "1900 to 1990": "-", "1984 to": "-", "1 2 3 4": "-", "12 Aug 19745": "-",
	} {
		days, ok := birthDates(text)
		var got []string
		for _, d := range days {
			got = append(got, d.String())
		}
		if !ok {
			got = []string{"-"}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
}

func TestFaultsDoNotLoseTheRest(t *testing.T) {
	all, s := imported(t, map[string]io.Reader{
		"sdn.csv": strings.NewReader(
			row("1", "GOOD, First", `"individual"`, "DOB 1 Smarch 1970; nationality Atlantis.") + // kept, with two faults
				"2,\"unclosed,individual,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n" +
				"3,\"TOO FEW\",\"individual\"\r\n" +
				row("x", "NO NUMBER", `"individual"`, "") +
				row("4", "", `"individual"`, "") +
				row("5", "GHOST", `"spirit"`, "") +
				strings.Repeat("A", maxLine+5) + "\r\n\r\n" +
				row("6", "SHIP", `"vessel"`, "") + row("7", "PLANE", `"aircraft"`, "") + row("8", "FIRM", "-0- ", "") +
				row("9", "GOOD, \"\"Second\"\"", `"individual"`, "")),
		"alt.csv": strings.NewReader("1\r\nx,1,\"aka\",\"A\"\r\n9,1,\"aka\",\"ALIAS\",-0- \r\n"),
	})
	if len(all) != 2 || all[0].ID != "ofac:1" || all[1].ID != "ofac:9" || len(all[1].Names) != 2 || all[1].Names[0].Secondary != `"Second"` {
		t.Errorf("alerts: %+v", all)
	}
	want := Summary{Read: 11, Alerts: 2, Skipped: map[string]int{"faulty": 6, "vessel": 1, "aircraft": 1, "entity": 1}, Faulty: 10,
		Faults: []Fault{
			{"alt.csv", 1, "too few columns"}, {"alt.csv", 2, "no entity number"},
			{"sdn.csv", 1, "birth date not understood"}, {"sdn.csv", 1, "nationality not understood"},
			{"sdn.csv", 2, "quotes do not match"}, {"sdn.csv", 3, "not twelve columns"}, {"sdn.csv", 4, "no entity number"},
			{"sdn.csv", 5, "alert: a name without a primary part"}, {"sdn.csv", 6, "unknown type"}, {"sdn.csv", 7, "line too long"},
		}}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
}

func TestImportErrors(t *testing.T) {
	none := func(border.Alert) error { return nil }
	if _, err := Import("csv", nil, none); !errors.Is(err, ErrInput) {
		t.Errorf("unknown format: %v", err)
	}
	if _, err := Import(OFACSDN, map[string]io.Reader{"alt.csv": strings.NewReader("")}, none); !errors.Is(err, ErrInput) {
		t.Errorf("no main file: %v", err)
	}
	broken := io.MultiReader(strings.NewReader(row("1", "A", `"individual"`, "")), iotest.ErrReader(io.ErrClosedPipe))
	if _, err := Import(OFACSDN, map[string]io.Reader{"sdn.csv": broken}, none); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("reader fails: %v", err)
	}
	stop := errors.New("enough")
	s, err := Import(OFACSDN, ofacdata.Files(), func(border.Alert) error { return stop })
	if !errors.Is(err, stop) || s.Alerts != 1 {
		t.Errorf("emit fails: %v after %d", err, s.Alerts)
	}
}

// The whole list, as published: every row is accounted for, and what could not be read is counted.
func TestWholeList(t *testing.T) {
	all, s := imported(t, ofacdata.Files())
	want := map[string]int{"entity": 6885, "vessel": 851, "aircraft": 383}
	if d := cmp.Diff(want, s.Skipped); d != "" || s.Alerts != 6854 || len(all) != 6854 || s.Read != 14973 || !s.Whole {
		t.Error(d, s.Alerts, s.Read, s.Whole)
	}
	if d := cmp.Diff([]Fault{{"sdn.csv", 13185, "nationality not understood"}}, s.Faults); d != "" { // "undetermined"
		t.Error(d)
	}
	names, births, nations, documents := 0, 0, 0, 0
	for _, a := range all {
		names += len(a.Names)
		births += min(1, len(a.Births))
		nations += min(1, len(a.Nations))
		documents += len(a.Documents)
	}
	if got, want := [4]int{names, births, nations, documents}, [4]int{17274, 6736, 5172, 3703}; got != want {
		t.Errorf("names, persons with a birth date, with a nationality, documents: %v, want %v", got, want)
	}
}

func FuzzImport(f *testing.F) {
	main, err := os.ReadFile("testdata/ofac/sdn.csv")
	if err != nil {
		f.Fatal(err)
	}
	alt, err := os.ReadFile("testdata/ofac/alt.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(main), string(alt), "")
	f.Add(row("1", "A, B", `"individual"`, "DOB circa 1960-1961; Passport ()"), "1,2,\"aka\",\",\"", "1,\"DOB 1 to 2\"")
	f.Add("1,\"\"\"\",", "\x1a", "\xff")
	f.Fuzz(func(t *testing.T, main, alt, more string) {
		all, s := imported(t, map[string]io.Reader{"sdn.csv": strings.NewReader(main), "alt.csv": strings.NewReader(alt),
			"sdn_comments.csv": strings.NewReader(more)})
		skipped := 0
		for _, n := range s.Skipped {
			skipped += n
		}
		if s.Read != s.Alerts+skipped || s.Alerts != len(all) {
			t.Fatalf("rows do not add up: %+v", s)
		}
		for i := range all {
			if err := all[i].Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
