package watchlist

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
	"tims/internal/watchlist/numbers"
)

// fill sets every field of a value, however deep, to something that is not zero.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString(fmt.Sprint("text", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32:
		v.SetInt(int64(1 + *n%12))
	case reflect.Uint8:
		v.SetUint(uint64(1 + *n%3))
	default:
		panic(v.Kind())
	}
}

// A row gives back every field of an alert, those that were added after this test was written too.
func TestRowKeepsEverything(t *testing.T) {
	var full border.Alert
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	for _, a := range []border.Alert{full, {}, {ID: "x:007", Sex: "F"}, {ID: "un:0", Sex: "X"}, {ID: "18446744073709551617", List: "l"},
		{ID: "NK-aB", Births: []border.PartialDate{{Year: 1960}, {Month: 12, Day: 31}}, Until: 5}} {
		x := Build(List{a})
		got, ok := x.layers[0].seg.alert(0)
		if d := cmp.Diff(&a, got); d != "" || !ok {
			t.Errorf("%t %s", ok, d)
		}
	}
}

func TestFaceBeyondBoundIsLeftOut(t *testing.T) {
	w := rowWriter{phrases: &phrases{ids: map[string]uint32{}}, turn: func() {}}
	w.phrases.faces.Store(maxFaces - 3)
	for _, face := range []string{"abc", "d"} {
		w.b = nil
		w.alert(&border.Alert{Face: []byte(face)})
		if kept := bytes.HasSuffix(w.b, []byte(face)); kept != (face == "abc") {
			t.Errorf("%s: %t", face, kept)
		}
	}
}

// written gives the bytes of an index.
func written(t testing.TB, x *Index) []byte {
	var b bytes.Buffer
	n, err := x.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	return b.Bytes()
}

func TestOpenAnswersAlike(t *testing.T) {
	x := Build(wanted, List{{ID: "p1", List: "docs", Kind: border.DocumentAlert,
		Documents: []border.AlertDocument{{Issuer: "ALB", Number: "BA000100", To: "BA000199"}}}})
	x = x.With(List{person("new", "NOVAK", "ANA", "1990-02-03", "SVN", "F")}, []Key{{"made", "kim"}})
	y, err := Open(written(t, x))
	if err != nil {
		t.Fatal(err)
	}
	if x.Len() != y.Len() || x.Len() != len(wanted)+1 || y.Layers() != 2 {
		t.Errorf("%d and %d alerts", x.Len(), y.Len())
	}
	for _, q := range []Query{{Primary: "MLADIC", Secondary: "RATKO"}, {Primary: "KIM", Secondary: "YONG CHOL", Birth: born("1962-02-18")},
		{Number: "BA000150"}, {Primary: "NOVAK", Secondary: "ANA", Birth: born("1990-02-03")}} {
		if d := cmp.Diff(x.Match(q), y.Match(q)); d != "" {
			t.Error(d)
		}
	}
	if len(x.Match(Query{Primary: "KIM", Secondary: "YONG CHOL", Birth: born("1962-02-18")})) != 0 {
		t.Error("an alert that is gone hits")
	}
}

// Bytes that differ anywhere are refused.
func TestOpenRefuses(t *testing.T) {
	whole := written(t, Build(wanted))
	for i := 0; i < len(whole); i += 1 + len(whole)/500 {
		b := bytes.Clone(whole)
		b[i] ^= 0x10
		if _, err := Open(b); err == nil {
			t.Errorf("byte %d changed, and no error", i)
		}
		if _, err := Open(whole[:i]); err == nil {
			t.Errorf("cut at %d, and no error", i)
		}
	}
	other := bytes.Clone(whole)
	other[len(fileMagic)]++
	if _, err := Open(summed(other)); err != ErrOther {
		t.Error(err)
	}
}

// summed mends the checksum of bytes that were changed.
func summed(b []byte) []byte {
	if len(b) >= 4 {
		binary.LittleEndian.PutUint32(b[len(b)-4:], crc32.Checksum(b[:len(b)-4], castagnoli))
	}
	return b
}

// Whatever bytes pass for an index, searching them ends without a fault.
func FuzzOpen(f *testing.F) {
	whole := written(f, Build(wanted))
	f.Add(whole, uint32(100), byte(1))
	f.Add(written(f, Build(nil)), uint32(30), byte(255))
	for i := 0; i < len(whole); i += 997 {
		f.Add(whole, uint32(i), byte(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, at uint32, with byte) {
		b = bytes.Clone(b)
		if len(b) > 0 {
			b[int(at)%len(b)] ^= with
		}
		x, err := Open(summed(b))
		if err != nil {
			return
		}
		for _, q := range []Query{{Primary: "AL TIKRITI MARIA", Secondary: "BARZANABD J", Birth: born("1942-03-12"), Number: "BA1", Plate: "A1",
			VIN: "X", Truncated: true, Least: map[border.AlertKind]float64{border.PersonAlert: -9}}, {Primary: "MLADIC", Secondary: "RATKO"}} {
			x.Match(q)
		}
		x.With(nil, []Key{{"made", "kim"}})
		x.Unnamed()
	})
}

// An index with changes holds what an index of the changed list holds, in few layers.
func TestWithFollowsChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	held := map[Key]border.Alert{}
	put := func(into *List, id int, surname string) {
		a := person(fmt.Sprint("a", id), surname, "GIVEN", "1980-01-02", "", "")
		*into, held[KeyOf(&a)] = append(*into, a), a
	}
	var all List
	for i := range 40 {
		put(&all, i, fmt.Sprint("SURNAME", string(rune('A'+i%26))))
	}
	x := Build(all)
	for range 12 {
		var changed List
		var gone []Key
		for _, id := range r.Perm(60)[:r.IntN(6)] {
			if r.IntN(3) > 0 {
				put(&changed, id, fmt.Sprint("OTHERNAME", string(rune('A'+r.IntN(26)))))
				continue
			}
			k := Key{"made", fmt.Sprint("a", id)}
			gone = append(gone, k)
			delete(held, k)
		}
		x = x.With(changed, gone)
		holds(t, x, held)
	}
	if x.Layers() > 3 {
		t.Errorf("%d layers", x.Layers())
	}
	if x = x.Merge(); x.Layers() != 1 {
		t.Errorf("%d layers after a merge", x.Layers())
	}
	holds(t, x, held)
}

func holds(t *testing.T, x *Index, want map[Key]border.Alert) {
	t.Helper()
	got := map[Key]border.Alert{}
	for a := range x.All {
		got[KeyOf(a)] = *a
		if hits := x.Match(Query{Primary: a.Names[0].Primary, Secondary: "GIVEN", Birth: a.Births[0]}); !slices.ContainsFunc(hits,
			func(h border.Hit) bool { return h.AlertID == a.ID && h.Name == show(a.Names[0]) }) {
			t.Errorf("%s is not found", a.ID)
		}
	}
	if d := cmp.Diff(want, got); d != "" || x.Len() != len(want) {
		t.Error(x.Len(), d)
	}
}

func TestRangesAndVINs(t *testing.T) {
	doc := func(id, from, to string) border.Alert {
		return border.Alert{ID: id, List: "docs", Kind: border.DocumentAlert, Documents: []border.AlertDocument{{Issuer: "ALB", Number: from, To: to}}}
	}
	x := Build(List{doc("narrow", "BA000150", "BA000159"), doc("wide", "BA000100", "BA000999"), doc("single", "BA000155", ""),
		doc("digits", "000000001", "000000010"),
		{ID: "car", List: "cars", Kind: border.VehicleAlert, Vehicles: []border.AlertVehicle{{Country: "ALB", Plate: "AA 001 BB", VIN: "WVWZZZ1JZ3W386752"}}}})
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Number: "BA000155"}, "[narrow single wide]"},
		{Query{Number: "BA-000 160"}, "[wide]"},
		{Query{Number: "BA000099"}, "[]"},
		{Query{Number: "BA001000"}, "[]"},
		{Query{Number: "BB000155"}, "[]"},
		{Query{Number: "BA00155"}, "[]"},
		{Query{Number: "000000010"}, "[digits]"},
		{Query{Number: "0000000010"}, "[]"},
		{Query{Number: "000000000"}, "[]"},
		{Query{VIN: "wvwzzz 1jz3w386752"}, "[car]"},
		{Query{VIN: "WVWZZZ1JZ3W386753"}, "[]"},
		{Query{Plate: "AA001BB", VIN: "WVWZZZ1JZ3W386752"}, "[car]"},
	} {
		got := []string{}
		for _, h := range x.Match(c.q) {
			got = append(got, h.AlertID)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%+v: %v, want %s", c.q, got, c.want)
		}
	}
}

func TestCanariesOnlyWhereWanted(t *testing.T) {
	a := person("canary", "MLADIC", "RATKO", "1942-03-12", "BIH", "M")
	a.Canary = true
	x := Build(List{a})
	q := Query{Primary: "MLADIC", Secondary: "RATKO", Birth: born("1942-03-12")}
	if len(x.Match(q)) != 0 {
		t.Error("an ordinary query hits a canary")
	}
	if q.Canaries = true; len(x.Match(q)) != 1 {
		t.Error("a canary is not found")
	}
}

func TestPapers(t *testing.T) {
	var b numbers.Builder
	for _, e := range []numbers.Entry{{Issuer: "ALB", Number: "BA1234567", Tag: 1}, {Number: "7777777", Tag: 0}, {Issuer: "ITA", Number: "YA100", To: "YA199", Tag: 2}} {
		if err := b.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	group := border.Alert{ID: "sltd:", List: "sltd", Action: border.ActSeize, Documents: []border.AlertDocument{{Status: "stolen"}}}
	x := Build(wanted).WithPapers(Papers{b.Set(), []border.Alert{group, group}}).With(nil, []Key{{"made", "kim"}})
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Issuer: "ALB", Number: "BA1234567"}, "sltd:ALBBA1234567 stolen 16"},
		{Query{Number: "BA-1234567"}, "sltd:ALBBA1234567 stolen 13"},
		{Query{Issuer: "GRC", Number: "BA1234567"}, ""},
		{Query{Issuer: "GRC", Number: "7777777"}, "sltd:7777777 stolen 13"},
		{Query{Number: "YA150"}, ""}, // a tag without a group
	} {
		got := ""
		for _, h := range x.Match(c.q) {
			got += fmt.Sprintf("%s %s %.0f", h.AlertID, h.Alert.Documents[0].Status, h.Score)
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.q, got, c.want)
		}
	}
	if x.Len() != len(wanted)-1+3 || x.Merge().Len() != x.Len() {
		t.Errorf("%d alerts", x.Len())
	}
}
