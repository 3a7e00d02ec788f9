package lists

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
)

var update = flag.Bool("update", false, "write what the importers make of testdata")

// fixtures are the invented lists, by folder, in which a second file of one format may stand.
var fixtures = []struct{ name, file string }{
	{"ofac-advanced", "sdn_advanced.xml"}, {"un-consolidated", "consolidated.xml"}, {"eu-consolidated", "fsf.xml"},
	{"uk-ofsi", "conlist.csv"}, {"uk-ofsi", "uk-sanctions-list.csv"}, {"opensanctions-simple", "targets.simple.csv"},
	{"opensanctions", "entities.ftm.json"}, {"csv", "alerts.csv"}, {"numbers", "numbers.csv"},
}

func fixture(t testing.TB, name, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name, file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func take(t testing.TB, f Format, r io.Reader) ([]border.Alert, Summary) {
	t.Helper()
	var all []border.Alert
	s, err := Import(f, map[string]io.Reader{Files(f)[0]: r}, func(a border.Alert) error {
		all = append(all, a)
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return all, s
}

func TestGolden(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.file, func(t *testing.T) {
			all, s := take(t, Format(f.name), bytes.NewReader(fixture(t, f.name, f.file)))
			var got bytes.Buffer
			for i := range all {
				line, err := json.Marshal(all[i])
				if err != nil {
					t.Fatal(err)
				}
				got.Write(append(line, '\n'))
			}
			fmt.Fprintf(&got, "read %d, alerts %d, skipped %v, faulty %d, whole %v\n", s.Read, s.Alerts, s.Skipped, s.Faulty, s.Whole)
			for _, fault := range s.Faults {
				fmt.Fprintf(&got, "%s %d: %s\n", fault.File, fault.Line, fault.Why)
			}
			golden := filepath.Join("testdata", f.name, f.file+".golden")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

// A list that is broken off, wherever, is not whole, and what stood before is read as if it were.
func TestBrokenOff(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.file, func(t *testing.T) {
			b := fixture(t, f.name, f.file)
			all, s := take(t, Format(f.name), bytes.NewReader(b))
			if f.name != "opensanctions" && !s.Whole {
				t.Error("the whole list is not whole")
			}
			for cut := len(b) - 2; cut > 0; cut -= 1 + len(b)/61 {
				part, s, err := tried(Format(f.name), bytes.NewReader(b[:cut]))
				if err != nil {
					continue // before there is a header or a root: none of the format
				}
				lineEnd := b[cut-1] == '\n' || f.name == "opensanctions" && b[cut] == '\n'
				if s.Whole && !lineEnd {
					t.Fatalf("cut at %d: whole", cut)
				}
				if s.Whole && (strings.HasSuffix(f.file, ".xml") || f.name == "csv" || f.name == "numbers") {
					t.Fatalf("cut at %d: whole without its mark", cut)
				}
				if streamed(f.name) && !isPrefix(part, all) {
					t.Fatalf("cut at %d: other alerts before the cut", cut)
				}
			}
			torn := io.MultiReader(bytes.NewReader(b), iotest.ErrReader(io.ErrUnexpectedEOF))
			if again, s := take(t, Format(f.name), torn); !strings.HasSuffix(f.file, ".xml") && f.name != "csv" && f.name != "numbers" && s.Whole ||
				len(again) != len(all) {
				t.Errorf("a compressed list that ends early: %d alerts, whole %v", len(again), s.Whole)
			}
			if _, _, err := tried(Format(f.name), iotest.ErrReader(io.ErrClosedPipe)); err == nil {
				t.Error("a reader that fails is no error")
			}
		})
	}
}

// streamed formats have all of an alert in one place.
func streamed(name string) bool {
	return name != "ofac-advanced" && name != "uk-ofsi" && name != "opensanctions"
}

func isPrefix(part, all []border.Alert) bool {
	return len(part) == 0 || len(part) <= len(all) && cmp.Equal(part, all[:len(part)])
}

func tried(f Format, r io.Reader) (all []border.Alert, s Summary, err error) {
	s, err = Import(f, map[string]io.Reader{Files(f)[0]: r}, func(a border.Alert) error {
		all = append(all, a)
		return nil
	})
	return all, s, err
}

// All encodings in which a list comes give the same alerts.
func TestEncodings(t *testing.T) {
	un := string(fixture(t, "eu-consolidated", "fsf.xml"))
	un = strings.NewReplacer("Йорун Фергеманд", "Jörun Færgemand", "٧٧", "77").Replace(un)
	want, whole := take(t, EUConsolidated, strings.NewReader(un))
	wide := func(order []int, mark bool) []byte {
		var b []byte
		s := un
		if mark {
			s = "\ufeff" + s
		}
		for _, u := range utf16.Encode([]rune(strings.Replace(s, "UTF-8", "UTF-16", 1))) {
			pair := [2]byte{byte(u >> 8), byte(u)}
			b = append(b, pair[order[0]], pair[order[1]])
		}
		return b
	}
	var western []byte
	for _, r := range strings.Replace(un, "UTF-8", "Windows-1252", 1) {
		western = append(western, byte(r))
	}
	for name, b := range map[string][]byte{
		"UTF-8 with a mark": []byte("\ufeff" + un), "UTF-16 big": wide([]int{0, 1}, true), "UTF-16 little": wide([]int{1, 0}, true),
		"UTF-16 big without a mark": wide([]int{0, 1}, false), "UTF-16 little without a mark": wide([]int{1, 0}, false), "windows-1252": western,
	} {
		got, s := take(t, EUConsolidated, bytes.NewReader(b))
		if d := cmp.Diff(want, got); d != "" || !s.Whole || s.Read != whole.Read {
			t.Errorf("%s: %+v\n%s", name, s, d)
		}
	}
	if _, _, err := tried(EUConsolidated, strings.NewReader(strings.Replace(un, "UTF-8", "Shift_JIS", 1))); !errors.Is(err, ErrInput) {
		t.Errorf("an encoding that is not read: %v", err)
	}
	rows, _ := take(t, PlainCSV, strings.NewReader("\ufeffid,name\n1,\"M\xfcller, J\xf8rn \x8a\"\n2,\"Müller, Jørn\"\n#end,2\n"))
	if len(rows) != 2 || rows[0].Names[0] != (border.AlertName{Primary: "Müller", Secondary: "Jørn Š"}) ||
		rows[1].Names[0] != (border.AlertName{Primary: "Müller", Secondary: "Jørn"}) {
		t.Errorf("a table of mixed encodings: %+v", rows)
	}
}

func TestWideText(t *testing.T) {
	for in, want := range map[string]string{
		"\xff\xfeA\x00\x3d\xd8\x00\xdeB\x00": "A😀B",
		"\xff\xfe\x3d\xd8B\x00":              "\ufffdB", // a high surrogate alone
		"\xff\xfe\x00\xdeB\x00":              "\ufffdB", // a low one
		"\xff\xfe":                           "",
	} {
		r, err := utf8Text(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); string(b) != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", in, b, err, want)
		}
	}
}

// What is no XML costs the party in which it stands.
func TestDamagedXML(t *testing.T) {
	person := func(id, name string) string {
		return "<INDIVIDUAL><DATAID>" + id + "</DATAID><FIRST_NAME>" + name + "</FIRST_NAME></INDIVIDUAL>\n"
	}
	for _, c := range []struct {
		what, damage string
		faults       int
	}{
		{"nothing", "", 0},
		{"a tag not closed", "<INDIVIDUAL><DATAID>5</INDIVIDUAL>", 1},
		{"a party not closed", "<INDIVIDUAL><DATAID>5</DATAID>", 1},
		{"a stray bracket", "<INDIVIDUAL><DATAID>5</DATAID><FIRST_NAME>A < B</FIRST_NAME></INDIVIDUAL>", 1},
		{"a stray quote", "<INDIVIDUAL a=\"><DATAID>5</DATAID></INDIVIDUAL>", 1},
		{"a foreign entity", person("5", "&boom;"), 1},
		{"bytes that are no UTF-8", person("5", "\xff\xfe"), 1},
		{"too deep", "<INDIVIDUAL>" + strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth) + "</INDIVIDUAL>", 1},
		{"too large", person("5", strings.Repeat("A", maxElement)), 1},
		{"a comment with a party", "<!-- " + person("5", "A") + " -->", 0},
		{"a section with a party", "<![CDATA[" + person("5", "A") + "]]>", 0},
		{"a closing tag alone", "</INDIVIDUAL>", 0},
	} {
		t.Run(c.what, func(t *testing.T) {
			in := "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY boom \"a\">]>\n<CONSOLIDATED_LIST>" + person("1", "FIRST") + c.damage + person("2", "SECOND") +
				"</CONSOLIDATED_LIST>"
			all, s := take(t, UNConsolidated, strings.NewReader(in))
			if len(all) != 2 || all[0].ID != "un:1" || all[1].ID != "un:2" || s.Faulty != c.faults || !s.Whole {
				t.Errorf("%d alerts, %+v", len(all), s)
			}
		})
	}
	for _, in := range []string{"", "<sdnList/>", "no XML", "<", "<?xml"} {
		if _, _, err := tried(UNConsolidated, strings.NewReader(in)); !errors.Is(err, ErrInput) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestTables(t *testing.T) {
	for name, in := range map[string]string{"no header": "1,2\n3,4\n", "nothing": "", "an unknown column": "id,colour\n1,red\n"} {
		if _, _, err := tried(PlainCSV, strings.NewReader(in)); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for end, whole := range map[string]bool{"#end,1\n": true, "#end,1,,,": true, "#end,2\n": false, "": false, "#end,\n": false, "#end,1\n2,B\n": false} {
		if _, s := take(t, PlainCSV, strings.NewReader("id,name\n1,A\n"+end)); s.Whole != whole {
			t.Errorf("end %q: whole %v", end, s.Whole)
		}
	}
	all, s := take(t, PlainCSV, strings.NewReader("id,name\n1,\"A\n B\"\n2,\"C\n3,D\n4,E\n"+strings.Repeat("5", maxLine)+"\n6,F\n#end,6\n"))
	if len(all) != 4 || all[0].Names[0].Primary != "A B" || s.Faulty != 2 || !s.Whole {
		t.Errorf("quotes over lines: %+v %+v", all, s)
	}
}

func TestBirths(t *testing.T) {
	for text, want := range map[string]string{
		"1974-08-12": "1974-08-12", "1974-08": "1974-08-??", "1974": "1974-??-??", "1974-??-??": "1974-??-??", "1974-00-00": "1974-??-??",
		"1974-08-12T00:00:00": "1974-08-12", "12/08/1974": "1974-08-12", "00/00/1974": "1974-??-??", "dd/mm/1974": "1974-??-??", "00/08/1974": "1974-08-??",
		"12 Aug 1974": "1974-08-12", "circa 1974": "1973-??-?? 1974-??-?? 1975-??-??", "1984 to 1985": "1984-??-?? 1985-??-??",
		"1973-02-29": "-", "????-08-12": "-", "12/13/1974": "-", "32/01/1974": "-", "74-08-12": "-", "1974-8-1": "-", "": "-", "00/00/0000": "-",
	} {
		days, ok := anyBirth(text)
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

func TestStates(t *testing.T) {
	for s, want := range map[string]string{"xk": "RKS", "DEU": "D", "Syrian Arab Republic": "SYR", "unknown": "", " zz ": "", "Atlantis": "fault", "": ""} {
		got := ""
		if all := addState(nil, s, func() { got = "fault" }); len(all) > 0 {
			got = all[0]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// What an alert may not have more of is cut, said, and costs nothing else.
func TestTooMuch(t *testing.T) {
	var names []string
	for i := range 2 * maxNames {
		names = append(names, fmt.Sprint("Name", i))
	}
	in := "id,name,reason,documents\n1," + strings.Join(names, ";") + "," + strings.Repeat("é", maxReason) + ",\"" +
		strings.Repeat("ALB:1;", 3) + "\"\n#end,1\n"
	all, s := take(t, PlainCSV, strings.NewReader(in))
	if len(all) != 1 || len(all[0].Names) != maxNames || len(all[0].Documents) != 1 || s.Faulty != 1 || !s.Whole {
		t.Fatalf("%+v", s)
	}
	if r := all[0].Reason; len(r) > maxReason || !strings.HasSuffix(r, "é…") {
		t.Errorf("a reason of %d bytes", len(r))
	}
}

func TestNumbersStreamed(t *testing.T) {
	var got []Number
	s, err := ImportNumbers(bytes.NewReader(fixture(t, "numbers", "numbers.csv")), func(n Number) error {
		got = append(got, n)
		return nil
	})
	want := []Number{{"ALB", "B10000001", "", "stolen"}, {"ALB", "B10000002", "", "lost"}, {"D", "C01X00T47", "", "stolen"},
		{"ALB", "BA0000100", "BA0000199", "stolen blank"}, {"", "778899", "", "stolen"}}
	if d := cmp.Diff(want, got); d != "" || err != nil || !s.Whole || s.Read != 10 || s.Faulty != 5 {
		t.Errorf("%+v, %v\n%s", s, err, d)
	}
	stop := errors.New("enough")
	if _, err := ImportNumbers(strings.NewReader("ALB,1\nALB,2\n"), func(Number) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("emit fails: %v", err)
	}
	if _, s, _ := tried(Numbers, strings.NewReader("ALB,12345\nALB,123")); s.Alerts != 1 || s.Faulty != 1 || s.Whole {
		t.Errorf("a number that is cut: %+v", s)
	}
}

func TestEveryFormatFailsAlike(t *testing.T) {
	for _, f := range Formats() {
		none := func(border.Alert) error { return nil }
		if _, err := Import(f, map[string]io.Reader{}, none); !errors.Is(err, ErrInput) {
			t.Errorf("%s without a file: %v", f, err)
		}
	}
	if Files("nosuch") != nil {
		t.Error("an unknown format has files")
	}
}

// The examples of the document are read as it says.
func TestDocumentedExamples(t *testing.T) {
	b, err := os.ReadFile("../../docs/design/alert-files.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(b), "```\n")
	if len(blocks) != 5 {
		t.Fatalf("%d parts", len(blocks))
	}
	for i, f := range map[int]Format{1: PlainCSV, 3: Numbers} {
		all, s := take(t, f, strings.NewReader(blocks[i]))
		if len(all) != 3 || s.Faulty != 0 || !s.Whole {
			t.Errorf("%s: %+v", f, s)
		}
	}
	for _, column := range plainColumns {
		if !strings.Contains(string(b), "`"+column+"`") {
			t.Errorf("the column %s is not described", column)
		}
	}
}

// BenchmarkTable reads a plain table of 100,000 persons.
func BenchmarkTable(b *testing.B) {
	var in bytes.Buffer
	in.WriteString("id,name,aliases,birth,nationality,documents\n")
	for i := range 100_000 {
		fmt.Fprintf(&in, "%d,\"Surname%d, Given Middle\",\"Other, Name;Third, Name\",1974-08-%02d,ALB,ALB:BA%07d\n", i, i, 1+i%28, i)
	}
	fmt.Fprintf(&in, "#end,100000\n")
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		s, err := Import(PlainCSV, map[string]io.Reader{plainFile: bytes.NewReader(in.Bytes())}, func(border.Alert) error { n++; return nil })
		if err != nil || n != 100_000 || !s.Whole {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e5, "ns/alert")
}

// BenchmarkNumbers reads a list of a million numbers.
func BenchmarkNumbers(b *testing.B) {
	var in bytes.Buffer
	for i := range 1_000_000 {
		fmt.Fprintf(&in, "ALB,BA%07d\n", i)
	}
	b.ResetTimer()
	for b.Loop() {
		n := 0
		if _, err := ImportNumbers(bytes.NewReader(in.Bytes()), func(Number) error { n++; return nil }); err != nil || n != 1_000_000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/number")
}

// A party that a hostile list never stops adding to stays within bounds, and the rest of the list is read.
func TestEndlessParty(t *testing.T) {
	var b strings.Builder
	b.WriteString("Name 6,Name 1,Group Type,Group ID\n")
	for i := range 3 * maxNames {
		fmt.Fprintf(&b, "Name%d,A,Individual,1\n", i)
	}
	b.WriteString("LAST,A,Individual,2\n")
	all, s := take(t, UKOFSI, strings.NewReader(b.String()))
	if len(all) != 2 || len(all[0].Names) != maxNames || s.Read != 2 || s.Faulty == 0 || !s.Whole {
		t.Errorf("%d alerts, %+v", len(all), s.Faulty)
	}
	b.Reset()
	b.WriteString(`{"id":"p","caption":"P","schema":"Person","properties":{}}` + "\n")
	for i := range 3 * maxParts {
		fmt.Fprintf(&b, `{"id":"d%d","schema":"Passport","properties":{"holder":["p"],"number":["N%d"]}}`+"\n", i, i)
	}
	all, s = take(t, OpenSanctions, strings.NewReader(b.String()))
	if len(all) != 1 || len(all[0].Documents) != maxParts || s.Faulty != 1 || !s.Whole {
		t.Errorf("documents: %+v", s)
	}
}

// A party with a hundred thousand reasons or documents costs no square of them.
func TestPartsWithoutEnd(t *testing.T) {
	var reasons []string
	var numbers []int
	for i := range 300_000 {
		reasons, numbers = append(reasons, fmt.Sprintf("reason %06d", i)), append(numbers, i)
	}
	if long := joined(reasons...); len(long) <= maxReason || len(long) > 2*maxReason {
		t.Errorf("%d bytes of reasons", len(long))
	}
	if kept := addNew(nil, numbers...); len(kept) != maxNew {
		t.Errorf("%d kept", len(kept))
	}
}
