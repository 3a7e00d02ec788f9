package post

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/station/stationtest"
)

func listed(id string, action border.Action, number string) border.Alert {
	return border.Alert{ID: id, List: "demo", Kind: border.DocumentAlert, Action: action,
		Documents: []border.AlertDocument{{Issuer: "ITA", Number: number}}}
}

// drawn are what differs between two pages of one content: acts, numbers of records, times, codes of a receipt, how far the copies of
// the log are at this moment.
var drawn = regexp.MustCompile(`[0-9a-f]{32}|\b[0-9]+\b|<svg[^>]*class="qr"[^>]*>.*?</svg>|<span>[0-9A-HJKMNP-TV-Z]{5}</span>|TIMS2:[0-9A-Z]+|records? not yet copied|(?m)^.*(no copy elsewhere yet|Held or signed by:).*$|(?m)^.*class="state".*$`)

// Everything that a booth's browser gets about a traveller under a discreet alert is what it gets about any other: the check, the
// list of open checks, the receipt.
func TestDiscreetHitShowsNowhere(t *testing.T) {
	pages := func(action border.Action, number string) []string {
		c := found(t)
		c.OpenCentre(listed("demo:1", action, number), listed("demo:2", border.ActSeize, "YB0000009"))
		b := c.Browser()
		b.Enter("A. Hoxha", "K1")
		check := b.Post("/scan", "direction", "entry", "zone", stationtest.Passport(t, "ROSSI", "ANNA", "YA0000001", "ITA"))
		index := checkIndex(t, check)
		open := b.Get("/open")
		receipt := b.Signed("/decide", append(check.Hiddens(t), "decision", "admit", "basis", "visa-free")...)
		v, err := c.Post.View(t.Context(), index, border.Terms{}, nil)
		if err != nil || len(v.Check.Hits) != strings.Count(number, "YA0000001") || len(v.Hits) != 0 {
			t.Fatalf("%d hits, %d shown, %v", len(v.Check.Hits), len(v.Hits), err)
		}
		var out []string
		for _, a := range []stationtest.Answer{check, open, receipt, b.Get("/check/" + strconv.FormatUint(index, 10)), b.Get("/")} {
			if a.Status != http.StatusOK {
				t.Fatalf("%s: %d", a.Path, a.Status)
			}
			out = append(out, drawn.ReplaceAllString(a.Body, "#"))
		}
		return out
	}
	with, without := pages(border.ActDiscreet, "YA0000001"), pages(border.ActDiscreet, "YA0000002")
	for i := range with {
		if with[i] != without[i] {
			t.Errorf("page %d differs:\n%s", i, difference(with[i], without[i]))
		}
	}
}

// difference gives the first lines in which two pages differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return "their lengths"
}

// A hit says what the officer must mind, what is the matter with the document, and shows the alert's image, which is served for
// this check alone.
func TestHitCard(t *testing.T) {
	c := found(t)
	var face bytes.Buffer
	if err := png.Encode(&face, image.NewGray(image.Rect(0, 0, 3, 4))); err != nil {
		t.Fatal(err)
	}
	a := listed("demo:1", border.ActSeize, "YA0000001")
	a.Caveats, a.Face, a.Documents[0].Status = "armed, do not question alone", face.Bytes(), "stolen"
	secret := listed("demo:2", border.ActDiscreet, "YA0000002")
	secret.Face = append(bytes.Clone(face.Bytes()), 0)
	c.OpenCentre(a, secret)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	check := b.Post("/scan", "direction", "entry", "zone", stationtest.Passport(t, "ROSSI", "ANNA", "YA0000001", "ITA"))
	check.Has(t, "armed, do not question alone", "Stolen document")
	if !strings.Contains(check.Body, `class="caveats"`) || !strings.Contains(check.Body, `alt="Image of the alert"`) {
		t.Error("what must be minded is not loud, or the image has no words")
	}
	src := regexp.MustCompile(`/check/[0-9]+/face/([0-9a-f]{16})`).FindStringSubmatch(check.Body)
	if src == nil {
		t.Fatal("the page has no image")
	}
	got := b.Get(src[0])
	if got.Status != http.StatusOK || got.Body != face.String() || got.Kind != "image/png" {
		t.Errorf("%s: %d %s, %d bytes", src[0], got.Status, got.Kind, len(got.Body))
	}
	other := b.Post("/scan", "direction", "entry", "zone", stationtest.Passport(t, "BIANCHI", "ANNA", "YA0000003", "ITA"))
	if a := b.Get(other.Path + "/face/" + src[1]); a.Status != http.StatusNotFound {
		t.Errorf("the image of one traveller's alert with another's check: %d", a.Status)
	}
	colleague := c.Browser()
	colleague.Enter("S. Prifti", "K2")
	if a := colleague.Get(src[0]); a.Status == http.StatusOK {
		t.Error("an officer who checks nobody is shown an alert's image")
	}
}
