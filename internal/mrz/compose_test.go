package mrz

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The truncations of Doc 9303 parts 4 to 6, 4.2.3, that cut as Truncate does.
func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		primary, secondary string
		room               int
		want               string
	}{
		{"NILAVADHANANANDA", "CHAYAPA<DEJTHAMRONG<KRASUANG", 39, "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"},
		{"NILAVADHANANANDA", "ARNPOL<PETCH<CHARONGUANG", 39, "NILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU"},
		{"BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNAMBOOL", "DINGO<POTOROO", 39, "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI"},
		{"PAPANDROPOULOUS", "JONATHON<WARREN<TREVOR", 39, "PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR"},
		{"ABCDE", "FGH<IJKL", 11, "ABCDE<<FG<I"},
		{"A<B<C<D", "", 4, "A<B"},
	} {
		if got := Truncate(c.primary, c.secondary, c.room); got != c.want || len(got) > c.room {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	good := Fields{
		Format: TD3, DocumentCode: "P", IssuingState: "UTO", DocumentNumber: "L898902C3", Nationality: "UTO",
		BirthDate: "740812", Sex: "F", ExpiryDate: "340415", Primary: "ERIKSSON", Secondary: "ANNA MARIA",
	}
	if _, err := Compose(good); err != nil {
		t.Fatal(err)
	}
	for about, spoil := range map[string]func(*Fields){
		"format": func(f *Fields) { f.Format = FRAID }, "code": func(f *Fields) { f.DocumentCode = "I" },
		"state": func(f *Fields) { f.IssuingState = "ZZZ" }, "nationality": func(f *Fields) { f.Nationality = "" },
		"birth": func(f *Fields) { f.BirthDate = "740230" }, "expiry": func(f *Fields) { f.ExpiryDate = "34<<<<" },
		"sex": func(f *Fields) { f.Sex = "W" }, "number": func(f *Fields) { f.DocumentNumber = "" },
		"long number": func(f *Fields) { f.DocumentNumber = "L898902C34" }, "name": func(f *Fields) { f.Primary = "" },
		"digit in name": func(f *Fields) { f.Secondary = "ANNA 2" }, "optional": func(f *Fields) { f.OptionalData = "é" },
		"optional 2": func(f *Fields) { f.OptionalData2 = "A" }, "code letters": func(f *Fields) { f.DocumentCode = "é" },
	} {
		f := good
		spoil(&f)
		lines, err := Compose(f)
		if err == nil {
			t.Errorf("%s: composed %q", about, lines)
		} else if strings.Contains(err.Error(), "ERIKSSON") || strings.Contains(err.Error(), "L898902C3") {
			t.Errorf("%s: the error tells the traveller: %v", about, err)
		}
	}
}

// What is composed is valid and reads back as it was.
func TestComposeParse(t *testing.T) {
	r := rand.New(rand.NewPCG(9303, 3))
	for range 10000 {
		f := randomFields(r)
		lines, err := Compose(f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		z := Parse(lines)
		if !z.Valid() {
			t.Fatalf("%q: %v", lines, z.Errors())
		}
		got := Fields{
			z.Format, z.DocumentCode, z.IssuingState, z.DocumentNumber, z.Nationality, z.BirthDate, z.Sex, z.ExpiryDate,
			z.Primary, z.Secondary, z.OptionalData, z.OptionalData2,
		}
		if len(f.Primary)+2+len(f.Secondary) > nameRoom(f.Format) {
			if !shortened(f.Primary, z.Primary) || !shortened(f.Secondary, z.Secondary) || f.Secondary != "" && z.Secondary == "" {
				t.Fatalf("%q of %+v", lines, f)
			}
			got.Primary, got.Secondary = f.Primary, f.Secondary
		}
		if got != f {
			t.Fatalf("%q\n got %+v\nwant %+v", lines, got, f)
		}
	}
}

var states = States()

func nameRoom(f Format) int { return composable[f].room(atName) }

// shortened reports whether the letters of short stand in long in this order, from
// the same start.
func shortened(long, short string) bool {
	if short == "" {
		return long == ""
	}
	if long[0] != short[0] {
		return false
	}
	for i := range len(short) {
		at := strings.IndexByte(long, short[i])
		if at < 0 {
			return false
		}
		long = long[at+1:]
	}
	return true
}

func randomFields(r *rand.Rand) Fields {
	const capitals, marks = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	text := func(from string, least, most int) string {
		b := make([]byte, least+r.IntN(most-least+1))
		for i := range b {
			b[i] = from[r.IntN(len(from))]
		}
		return string(b)
	}
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	name := func(least int) string {
		var w []string
		for range least + r.IntN(4) {
			w = append(w, text(capitals, 1, 14))
		}
		return strings.Join(w, " ")
	}
	f := Fields{
		IssuingState: states[r.IntN(len(states))].Code, Nationality: states[r.IntN(len(states))].Code,
		DocumentNumber: text(marks, 1, 9), BirthDate: pick("740812", "000229", "74<<<<", "<<<<<<", "7408<<"),
		Sex: pick("F", "M", "<"), ExpiryDate: pick("340415", "<<<<<<"), Primary: name(1), Secondary: name(0),
	}
	kind := []struct {
		format                   Format
		number, optional, second int // most characters
		code                     string
	}{
		{TD3, 9, 14, 0, pick("P", "PP", "PD")}, {MRVA, 9, 16, 0, pick("V", "VC")}, {MRVB, 9, 8, 0, pick("V", "VC")},
		{TD2, 14, 7, 0, pick("I", "A", "CX")}, {TD1, 22, 15, 11, pick("I", "ID", "AC")},
	}[r.IntN(5)]
	f.Format, f.DocumentCode, f.DocumentNumber = kind.format, kind.code, text(marks, 1, kind.number)
	if long := len(f.DocumentNumber) - 9; long > 0 {
		kind.optional = max(kind.optional-long-2, 0) // its digit and a filler come between
	}
	f.OptionalData, f.OptionalData2 = text(marks, 0, kind.optional), text(marks, 0, kind.second)
	return f
}
