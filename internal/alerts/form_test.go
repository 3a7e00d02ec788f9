package alerts

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	pngform "image/png"
	"maps"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// png is an image of that many points; noisy ones do not shrink.
func png(width, height int) []byte {
	img, chance := image.NewRGBA(image.Rect(0, 0, width, height)), rand.New(rand.NewPCG(1, 2))
	for x := range width {
		for y := range height {
			img.Set(x, y, color.RGBA{uint8(chance.Uint32()), uint8(chance.Uint32()), uint8(chance.Uint32()), 255})
		}
	}
	var b bytes.Buffer
	if err := pngform.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestCheckFace(t *testing.T) {
	var moving bytes.Buffer
	if err := gif.Encode(&moving, image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black}), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bytes []byte
		want  error
	}{
		"a portrait":           {png(100, 120), nil},
		"too many bytes":       {png(160, 160), errFaceLarge},
		"too many points":      {png(2001, 1), errFaceLarge},
		"another form":         {moving.Bytes(), errFaceForm},
		"no image":             {[]byte("<svg onload=alert(1)>"), errFaceForm},
		"the head of one only": {png(100, 120)[:20], errFaceForm},
	} {
		if got := checkFace(c.bytes); got != c.want {
			t.Errorf("%s (%d bytes): %v, want %v", name, len(c.bytes), got, c.want)
		}
	}
}

// What an alert is written as in the form is read from it again.
func TestFormReadsWhatItWrites(t *testing.T) {
	c := centre(t)
	a := full()
	v := valuesOf(&a, 3)
	v.Set("why", "order 12")
	d := c.face.readDraft(c.request(v), nil)
	if !d.form.OK() {
		t.Fatalf("faults %v", d.form.Faults)
	}
	if !reflect.DeepEqual(d.alert, a) || d.version != 3 || d.why != "order 12" {
		t.Errorf("read\n%+v, written\n%+v", d.alert, a)
	}
}

// Whoever types a code of two letters, or DEU, means the state that a zone writes otherwise.
func TestFormTakesOtherCodes(t *testing.T) {
	c := centre(t)
	d := c.face.readDraft(c.request(url.Values{"kind": {"person"}, "action": {"refuse"}, "primary": {"Rossi"}, "why": {"order 12"},
		"nation": {"it", "deu", "XK"}, "dissuer": {"de"}, "dnumber": {"C01X00T47"}}), nil)
	if !d.form.OK() || !slices.Equal(d.alert.Nations, []string{"ITA", "D", "RKS"}) || d.alert.Documents[0].Issuer != "D" {
		t.Errorf("%v, %+v", d.form.Faults, d.alert)
	}
}

// Each fault stands beside its field.
func TestFaults(t *testing.T) {
	c := centre(t)
	for field, change := range map[string]url.Values{
		"kind":        {"kind": {"ship"}},
		"action":      {"action": {"shoot"}},
		"why":         {"why": {"x"}},
		"names-0":     {"primary": nil},
		"names-1":     {"primary": {"Rossi", ""}, "secondary": {"", "Paolo"}},
		"births-0":    {"birth": {"31.02.1974"}},
		"nations-1":   {"nation": {"ITA", "ZZ9"}},
		"documents-0": {"dnumber": {"AB10"}, "dto": {"AB09"}},
		"documents-1": {"dissuer": {"", "ITA"}, "dnumber": {"AB10", ""}},
		"vehicles-0":  {"vcountry": {"ITA"}},
		"from":        {"from": {"tomorrow"}},
		"until":       {"from": {"12.08.2026"}, "until": {"11.08.2026"}},
		"photo":       {"face": {"bm8gaW1hZ2U"}},
		"subject":     {"subject": {strings.Repeat("x", maxText+1)}},
	} {
		v := url.Values{"kind": {"person"}, "action": {"refuse"}, "primary": {"Rossi"}, "why": {"order 12"}}
		maps.Copy(v, change)
		if d := c.face.readDraft(c.request(v), nil); len(d.form.Faults) != 1 || d.form.Faults[field] == "" {
			t.Errorf("%s: %v", field, d.form.Faults)
		}
	}
}
