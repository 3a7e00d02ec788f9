package alerts

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/station/stationtest"
	"tims/internal/web"
)

func newFace(n *node.Node) (stationtest.Face, error) {
	role := "frame.role.post"
	opt := station.Options{Demo: true}
	if n.Self().Role == roster.Centre {
		role, opt.Booth = "frame.role.centre", "centre"
	}
	opt.Role = role
	st, err := station.Open(n, opt, Files())
	if err != nil {
		return nil, err
	}
	Mount(st)
	return st, nil
}

// A country whose centre is served to the browsers of a test.
type country struct {
	*stationtest.Country
	face *face
	post *node.Node
}

// centre serves the pages of the centre qendra; kakavija is another node.
func centre(t *testing.T, released ...border.Alert) *country {
	t.Helper()
	c := &country{Country: stationtest.Found(t, newFace)}
	c.post = c.Post
	c.Post = c.OpenCentre(released...)
	f := c.NewFace()
	c.face = &face{Station: f.(*station.Station)}
	ctx, stop := context.WithCancel(context.Background())
	go f.Run(ctx)
	server := httptest.NewServer(f)
	c.URL = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	t.Cleanup(func() { stop(); server.CloseClientConnections(); server.Close() })
	return c
}

func (c *country) request(v url.Values) *http.Request {
	r := httptest.NewRequest("POST", "/alerts", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.ParseForm()
	return r
}

// pairs writes values as Browser.Post takes them, in the order of each field.
func pairs(v url.Values) (out []string) {
	for _, name := range sortedKeys(v) {
		for _, text := range v[name] {
			out = append(out, name, text)
		}
	}
	return out
}

func size(t *testing.T, n *node.Node) uint64 {
	t.Helper()
	h, err := n.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.Size
}

var listed = []border.Alert{
	{ID: "un:1", List: "demo", Kind: border.PersonAlert, Action: border.ActArrest, Issuer: "UN", Reason: "embargo",
		Names:  []border.AlertName{{Primary: "Korobov", Secondary: "Igor"}, {Primary: "Korobow", Alias: true}},
		Births: []border.PartialDate{{Year: 1956, Month: 8, Day: 3}}, Nations: []string{"RUS"}, Sex: "M"},
	{ID: "un:2", List: "demo", Kind: border.DocumentAlert, Action: border.ActSeize, Documents: []border.AlertDocument{{Issuer: "ITA", Number: "YA0000010", To: "YA0000019", Status: "stolen blank"}}},
	{ID: "un:3", List: "demo", Kind: border.VehicleAlert, Action: border.ActInform, Vehicles: []border.AlertVehicle{{Country: "ITA", Plate: "AB123CD"}}},
}

// No alert is shown at a centre without a search that is recorded first, and nothing of it stands in an address.
func TestSearchAndTry(t *testing.T) {
	c := centre(t, listed...)
	b := c.Browser()
	b.Enter("N. Analisti", "centre")
	before := size(t, c.Post)
	for _, bad := range [][]string{
		{"primary", "Korobov"}, {"primary", "Korobov", "reason", "why"}, {"reason", "case 12"},
		{"primary", "Korobov", "number", "YA0000010", "reason", "case 12"}, {"primary", "Korobov", "birth", "1956-13-01", "reason", "case 12"},
	} {
		if a := b.Post("/alerts/search", bad...); a.Status != 422 || !strings.Contains(a.Body, `aria-invalid="true"`) {
			t.Errorf("%v: %d", bad, a.Status)
		}
	}
	b.Post("/alerts/show", "id", "un:1").Has(t, "Say why")
	if size(t, c.Post) != before {
		t.Error("a search that was not answered is recorded")
	}
	for _, q := range []struct {
		pairs []string
		finds string
	}{
		{[]string{"primary", "Korobow", "secondary", "Igor"}, "Korobov, Igor"},
		{[]string{"number", "YA0000015"}, "ITA YA0000010 – YA0000019, stolen blank"},
		{[]string{"plate", "AB 123-CD"}, "ITA AB123CD"},
	} {
		b.Post("/alerts/search", append(q.pairs, "reason", "case 12")...).Has(t, "1 alert found", q.finds)
		if last, err := c.Post.ReadOwn(size(t, c.Post) - 1); err != nil || last.Leaf.Kind != record.Search {
			t.Errorf("%v: the record is %v, %v", q.pairs, last.Leaf.Kind, err)
		}
	}
	b.Post("/alerts/search", "primary", "Nobody", "reason", "case 12").Has(t, "0 alerts found", "No alert in force here fits")
	whole := b.Post("/alerts/show", "list", "demo", "id", "un:1", "reason", "case 12")
	whole.Has(t, "Korobov, Igor", "Korobow (alias)", "3 Aug 1956", "RUS", "Male", "embargo", "UN", "Wanted.", "Release 1", "Matched here")
	if strings.Contains(whole.Body, "/alerts/edit") {
		t.Error("an alert of a list is offered to be changed by hand")
	}
	tried := b.Post("/alerts/show", "list", "demo", "id", "un:1", "reason", "case 12", "try", "1", "primary", "KOROBOW", "secondary", "IGOR",
		"birth", "08.03.1956", "nation", "RUS", "sex", "M")
	tried.Has(t, "a hit: counts from 10", "KOROBOW", "KOROBOV", "8 Mar 1956", "3 Aug 1956", "+5.5", "+2.3")
	b.Post("/alerts/show", "list", "demo", "id", "un:1", "reason", "case 12", "try", "1", "primary", "KOROBOW", "birth", "08.03.1999").Has(t, "no hit: counts from 10", "\u22124.5")
	b.Post("/alerts/show", "list", "demo", "id", "un:1", "reason", "case 12", "try", "1", "primary", "SMITH").Has(t, "no hit: counts from 10", "SMITH")
	b.Post("/alerts/show", "id", "un:3", "reason", "case 12", "try", "1", "plate", "ZZ999ZZ").Has(t, "Nothing in common")
	for _, at := range b.Seen {
		if strings.ContainsAny(strings.TrimPrefix(at, c.URL), "?") || strings.Contains(at, "Korob") {
			t.Errorf("asked for at %s", at)
		}
	}
}

// A booth officer comes to no page of alerts.
func TestWho(t *testing.T) {
	c := centre(t, listed...)
	b := c.Browser()
	b.Enter("A. Hoxha", "centre")
	for _, r := range c.face.Routes() {
		if method, path, _ := strings.Cut(r.Pattern, " "); strings.HasPrefix(path, "/alerts") {
			a := b.Get(path)
			if method == "POST" {
				a = b.Post(path, "id", "un:1", "reason", "case 12")
			}
			if a.Status != 403 || strings.Contains(a.Body, "Korobov") {
				t.Errorf("%s: %d", r.Pattern, a.Status)
			}
		}
	}
}

var shownAt = regexp.MustCompile(`/alerts/face/[0-9a-f]{32}`)

// An analyst writes an alert, looks at it before, changes it, sees what of that waits, and asks for its end; each is one record.
func TestWrite(t *testing.T) {
	c := centre(t)
	b := c.Browser()
	b.Enter("N. Analisti", "centre")
	b.Get("/alerts").Has(t, "None was written here", "No list is in force here")
	b.Get("/alerts/new").Has(t, "New alert", "Person", "wanted person")

	for _, photo := range [][]byte{png(160, 160), png(1500, 1500), append([]byte("no image"), make([]byte, 20<<20)...)} { // 20 MiB is more than all others of a station may send
		large := upload(b, "/alerts/review", url.Values{"kind": {"person"}, "action": {"arrest"}, "primary": {"Kept Name"}, "why": {"order 12"}}, photo)
		large.Has(t, "The image is too large", "1 field is to be mended")
		if large.Status != 422 || !strings.Contains(large.Body, `value="Kept Name"`) || !strings.Contains(large.Body, `value="order 12"`) {
			t.Errorf("%d bytes: %d, or what was typed is lost", len(photo), large.Status)
		}
	}
	if a := upload(b, "/alerts/review", url.Values{"subject": {strings.Repeat("x", maxFields)}}, png(4, 4)); a.Status != 413 {
		t.Errorf("more text than a form may have: %d", a.Status)
	}
	before := size(t, c.Post)
	review := upload(b, "/alerts/review", url.Values{"act": {strings.Repeat("0a", 16)}, "kind": {"person"}, "action": {"arrest"}, "primary": {"Rossi", "", "Rosso"},
		"secondary": {"Paolo", "", ""}, "quality": {"name", "name", "alias"}, "birth": {"1974", ""}, "nation": {"ita"}, "subject": {"escaped from prison"}, "why": {"order 12"}}, png(40, 50))
	review.Has(t, "Look once more", "Rossi, Paolo", "Rosso (alias)", "? ? 1974", "ITA Italy", "image of", "order 12")
	at := shownAt.FindString(review.Body)
	if face := b.Get(at); face.Status != 200 || face.Body != string(png(40, 50)) {
		t.Errorf("the image at %q is %d", at, face.Status)
	}
	other := c.Browser()
	other.Enter("S. Prifti", "centre")
	if face := other.Get(at); face.Status != 404 {
		t.Errorf("another officer is given the image: %d", face.Status)
	}
	if size(t, c.Post) != before+1 { // the shift of the other officer
		t.Error("a look before writing is a record")
	}
	b.Post("/alerts/form", review.Hiddens(t)...).Has(t, "New alert", "image of")
	done := b.Signed("/alerts", review.Hiddens(t)...)
	done.Has(t, "Written, version 1.", "single:qendra:0a0a0a0a0a0a", "Matched here, since 21 Nov 2026 12:00:00", "Written by hand, Tirana")
	b.Signed("/alerts", review.Hiddens(t)...)
	own, err := c.Post.OwnAlerts(t.Context(), b.Shift)
	if err != nil || len(own) != 1 || len(own[0].Alert.Face) == 0 || own[0].Single.Reason != "order 12" {
		t.Fatalf("written: %d, %v", len(own), err)
	}
	if o, err := c.Post.ReadOwn(own[0].Single.At.Index); err != nil || len(o.Leaf.Booth) == 0 {
		t.Errorf("the record has no signature of the booth: %v", err)
	}

	id := own[0].Alert.ID
	b.Post("/alerts/edit", "id", id).Has(t, "Say why")
	b.Post("/alerts/edit", "id", id, "reason", "case 12").Has(t, "Change an alert", "image of")
	changed := own[0].Alert
	changed.Names, changed.Caveats = changed.Names[:1], "armed"
	v := valuesOf(&changed, 1)
	v.Set("why", "order 13")
	v.Set("act", strings.Repeat("0b", 16))
	if a := b.Post("/alerts/review", pairs(v)...); a.Status != 422 || strings.Contains(a.Body, "Rosso") {
		t.Errorf("without a reason the review tells what was written: %d", a.Status)
	}
	v.Set("reason", "case 12")
	review = b.Post("/alerts/review", pairs(v)...)
	review.Has(t, "What the new version changes", "Rosso (alias)", "waits for approval", "armed", "at once", "match less")
	b.Signed("/alerts", review.Hiddens(t)...).Has(t, "Written, version 2.", "1 alert waits for approval in single:qendra",
		"in part: Names", "tims alerts losses --list single:qendra --draft FILE --dir DIR")
	b.Post("/alerts/review", pairs(v)...).Has(t, "Somebody has changed this alert meanwhile")
	v.Set("version", "2")
	b.Post("/alerts/review", pairs(v)...).Has(t, "Nothing is changed.")

	b.Post("/alerts/show", "id", id, "reason", "case 12").Has(t, "Rossi, Paolo", "armed", "order 13", "Version 2",
		"As an earlier release had it", "Rosso (alias)", "Held until approved")
	b.Post("/alerts/withdraw", "act", strings.Repeat("0c", 16), "id", id, "why", "").Has(t, "at least 3 characters")
	b.Signed("/alerts/withdraw", "act", strings.Repeat("0c", 16), "id", id, "why", "order 14").Has(t, "Its end was asked for", "Its end waits for approval")
	b.Post("/alerts/withdraw", "act", strings.Repeat("0d", 16), "id", id, "why", "order 15").Has(t, "was asked for already", "Its end waits for approval")
	b.Post("/alerts/withdraw", "act", strings.Repeat("0e", 16), "id", "single:qendra:none", "why", "order 15").Has(t, "No alert of this number was written here")
	v.Set("version", "2")
	v.Set("caveats", "")
	b.Post("/alerts/review", pairs(v)...).Has(t, "was asked for already")
}

// A canary is written by hand at a centre, said to be one on every page, and stays one.
func TestCanary(t *testing.T) {
	c := centre(t)
	b := c.Browser()
	b.Enter("N. Analisti", "centre")
	b.Get("/alerts/new").Has(t, "Canary: invented, to try the booths", "no traveller is ever a hit on it")
	v := url.Values{"act": {strings.Repeat("0f", 16)}, "kind": {"person"}, "action": {"arrest"}, "primary": {"王"}, "canary": {"1"}, "why": {"daily test"}}
	bad := b.Post("/alerts/review", pairs(v)...)
	if bad.Has(t, "A canary needs what a booth could read"); bad.Status != 422 || !strings.Contains(bad.Body, `name="canary" value="1" aria-describedby="canary-hint" checked`) {
		t.Errorf("%d, or the mark is lost", bad.Status)
	}
	v.Set("primary", "Kanarini Provë")
	review := b.Post("/alerts/review", pairs(v)...)
	review.Has(t, "A canary: invented, and never a hit for a traveller", "Nothing, ever.")
	b.Signed("/alerts", review.Hiddens(t)...).Has(t, "Written, version 1.", "Canary, looked for daily")
	own, err := c.Post.OwnAlerts(t.Context(), b.Shift)
	if err != nil || len(own) != 1 || !own[0].Alert.Canary {
		t.Fatalf("written: %d, %v", len(own), err)
	}
	edit := b.Post("/alerts/edit", "id", own[0].Alert.ID, "reason", "case 12")
	if edit.Has(t, "Canary"); strings.Contains(edit.Body, `type="checkbox" name="canary"`) || !strings.Contains(edit.Body, `type="hidden" name="canary"`) {
		t.Error("a canary is offered to become an alert")
	}
	for _, canary := range []bool{false, true} {
		a := own[0].Alert
		a.Canary, a.Caveats = canary, "armed"
		_, err := c.Post.Prepare(t.Context(), node.WriteAlert{Act: record.Act{byte(len(a.ID)), 1}, Shift: b.Shift, Alert: a, Reason: "order 12"})
		if errors.Is(err, node.ErrAlert) == canary {
			t.Errorf("a new version, canary %t: %v", canary, err)
		}
	}
}

// upload sends a form with a file, as a browser does.
func upload(b *stationtest.Browser, path string, v url.Values, file []byte) stationtest.Answer {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("photo", "face.png") // first, so that what is typed comes behind it
	if err != nil {
		b.Fatal(err)
	}
	part.Write(file)
	for _, name := range sortedKeys(v) {
		for _, text := range v[name] {
			w.WriteField(name, text)
		}
	}
	w.Close()
	return b.Send(path, w.FormDataContentType(), &body)
}

// At a post a supervisor writes an urgent alert that ends within days; it shows its own, and no search.
func TestUrgent(t *testing.T) {
	c := stationtest.Found(t, newFace)
	b := c.Browser()
	b.Enter("S. Prifti", "K1")
	b.Get("/alerts").Has(t, "Urgent alerts of this post", "ends within 14 days", "counts from the score: Person 10.0")
	form := b.Get("/alerts/new")
	for _, want := range []string{`value="21.11.2026"`, `value="24.11.2026"`, `value="Kakavija"`} {
		if !strings.Contains(form.Body, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(form.Body, "canary") {
		t.Error("a post is offered to write a canary")
	}
	if a := b.Get("/alerts/search"); a.Status != 404 {
		t.Errorf("a post searches: %d", a.Status)
	}
	v := url.Values{"act": {strings.Repeat("0d", 16)}, "kind": {"vehicle"}, "action": {"seize"}, "plate": {"aa123bc"}, "vcountry": {"alb"},
		"from": {"21.11.2026"}, "until": {"06.12.2026"}, "why": {"call of 10:40"}}
	b.Post("/alerts/review", pairs(v)...).Has(t, "ends within 14 days")
	v.Set("until", "05.12.2026")
	review := b.Post("/alerts/review", pairs(v)...)
	review.Has(t, "ALB AA123BC", "21 Nov 2026 to 5 Dec 2026", "Here at once")
	b.Signed("/alerts", review.Hiddens(t)...).Has(t, "Written, version 1.", "ALB AA123BC", "5 Dec 2026", "Matched here")
	own, err := c.Post.OwnAlerts(t.Context(), b.Shift)
	if err != nil || len(own) != 1 {
		t.Fatalf("%d alerts, %v", len(own), err)
	}
	b.Post("/alerts/edit", "id", own[0].Alert.ID).Has(t, "Change an alert")
	b.Signed("/alerts/withdraw", "act", strings.Repeat("0e", 16), "id", own[0].Alert.ID, "why", "found").Has(t, "Its end waits for approval")
	c.Now.Add(15 * 24 * 3600 * 1000)
	again := c.Browser()
	again.Enter("S. Prifti", "K2")
	again.Get("/alerts").Has(t, "ALB AA123BC", "Ended")
}

// What a page says of a list that is announced and not in force.
func TestComingText(t *testing.T) {
	p, err := web.Open(web.Config{Node: "qendra"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]node.ComingList{
		"on its way here":                          {},
		"on its way here: 3 of 1200 pieces":        {Chunks: 1200, Here: 3},
		"being opened: 7 of 9 pieces":              {Chunks: 9, Here: 9, Opened: 7},
		"being made ready to match: 4 of 9 pieces": {Chunks: 9, Here: 9, Opened: 9, Indexed: 4},
	} {
		if got := comingText(station.WordsOf(p, "en"), c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What a page says of an alert: whether a booth finds it today.
func TestState(t *testing.T) {
	p, err := web.Open(web.Config{Node: "qendra"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	const today = border.Date(20000)
	single := func(withdrawn bool) *node.Single { return &node.Single{Version: 1, Withdrawn: withdrawn} }
	for want, a := range map[string]node.FoundAlert{
		"Matched here":                  {Matched: true, Alert: border.Alert{From: today, Until: today}},
		"Written, not matched here yet": {Single: single(false)},
		"Ended":                         {Matched: true, Single: single(true), Alert: border.Alert{Until: today - 1}},
		"Not in force yet":              {Matched: true, Alert: border.Alert{From: today + 1}},
		"Its end waits for approval":    {Matched: true, Single: single(true)},
		"Ended with approval":           {Single: single(true)},
		"Held until approved":           {Matched: true, Held: true},
		"Canary, looked for daily":      {Matched: true, Alert: border.Alert{Canary: true}},
	} {
		if _, got := stateOf(station.WordsOf(p, "en"), a, today); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
