package supervisor

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tims/internal/station"
	"tims/internal/station/stationtest"
)

// counted is a device's count of the hour before noon.
func counted(act, more string) string {
	return fmt.Sprintf(`{"act":%q,"from":"2026-11-21T11:00:00+01:00","to":"2026-11-21T12:00:00+01:00"%s}`, act, more)
}

type sent struct {
	status     int
	body       string
	retryAfter string
}

func (g *stage) send(header http.Header, body string) sent {
	g.Helper()
	r, err := http.NewRequest(http.MethodPost, g.URL+"/count", strings.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	r.Header = header
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		g.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		g.Fatal(err)
	}
	return sent{res.StatusCode, string(b), res.Header.Get("Retry-After")}
}

func gate() http.Header {
	return http.Header{"Authorization": {"Bearer " + gateToken}, "Content-Type": {"application/json"}}
}

func TestDevices(t *testing.T) {
	g := open(t)
	act := strings.Repeat("ab", 16)
	with := func(name, value string) http.Header { h := gate(); h.Set(name, value); return h }
	for _, test := range []struct {
		name   string
		header http.Header
		body   string
		status int
		code   string
	}{
		{"no token", http.Header{"Content-Type": {"application/json"}}, counted(act, ""), 401, "token"},
		{"wrong token", with("Authorization", "Bearer gate-token-of-this-posT"), counted(act, ""), 401, "token"},
		{"the hash for the token", with("Authorization", "Bearer "+gateHash), counted(act, ""), 401, "token"},
		{"short token", with("Authorization", "Bearer a"), counted(act, ""), 401, "token"},
		{"endless token", with("Authorization", "Bearer "+strings.Repeat("a", maxToken+1)), counted(act, ""), 401, "token"},
		{"another scheme", with("Authorization", "Basic "+gateToken), counted(act, ""), 401, "token"},
		{"a form", with("Content-Type", "application/x-www-form-urlencoded"), "act=" + act, 415, "type"},
		{"no type", http.Header{"Authorization": gate()["Authorization"]}, counted(act, ""), 415, "type"},
		{"empty", gate(), "", 400, "format"},
		{"not JSON", gate(), "{", 400, "format"},
		{"a list", gate(), "[" + counted(act, "") + "]", 400, "format"},
		{"null", gate(), "null", 400, "format"},
		{"two", gate(), counted(act, "") + counted(act, ""), 400, "format"},
		{"unknown name", gate(), counted(act, `,"device":"gate-2"`), 400, "format"},
		{"no act", gate(), counted("", ""), 400, "format"},
		{"short act", gate(), counted("abcd", ""), 400, "format"},
		{"no time", gate(), `{"act":"` + act + `"}`, 400, "format"},
		{"a time without a zone", gate(), `{"act":"` + act + `","from":"2026-11-21T11:00:00","to":"2026-11-21T12:00:00"}`, 400, "format"},
		{"a figure in words", gate(), counted(act, `,"entries":"7"`), 400, "format"},
		{"half a person", gate(), counted(act, `,"entries":7.5`), 400, "format"},
		{"a figure beyond all", gate(), counted(act, `,"entries":1e30`), 400, "format"},
		{"less than nobody", gate(), counted(act, `,"entries":-1`), 422, "figures"},
		{"too many", gate(), counted(act, `,"exits":100001`), 422, "figures"},
		{"a long booth", gate(), counted(act, `,"booth":"`+strings.Repeat("K", 17)+`"`), 422, "figures"},
		{"two hours", gate(), `{"act":"` + act + `","from":"2026-11-21T10:00:00+01:00","to":"2026-11-21T12:00:00+01:00"}`, 422, "figures"},
		{"tomorrow", gate(), `{"act":"` + act + `","from":"2026-11-22T11:00:00+01:00","to":"2026-11-22T12:00:00+01:00"}`, 422, "figures"},
		{"backwards", gate(), `{"act":"` + act + `","from":"2026-11-21T12:00:00+01:00","to":"2026-11-21T11:00:00+01:00"}`, 422, "figures"},
		{"year 1", gate(), `{"act":"` + act + `","from":"0001-01-01T00:00:00Z","to":"9999-12-31T23:59:59Z"}`, 400, "format"},
		{"longer than a count", gate(), counted(act, `,"booth":"`+strings.Repeat(" ", maxCountBody)+`"`), 413, "long"},
		{"from a page of elsewhere", with("Sec-Fetch-Site", "cross-site"), counted(act, ""), 403, ""},
	} {
		a := g.send(test.header, test.body)
		if a.status != test.status || test.code != "" && !strings.HasPrefix(a.body, `{"error":"`+test.code+`",`) {
			t.Errorf("%s: %d %s", test.name, a.status, a.body)
		}
	}
	before := g.size()
	for range 2 { // a device that got no answer sends the same again
		if a := g.send(gate(), counted(act, `,"booth":"k1","entries":7,"exits":2,"vehicles":3,"waiting":540`)); a.status != 200 || a.body != `{"recorded":true}`+"\n" {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if n := g.size() - before; n != 1 {
		t.Errorf("%d records of one act", n)
	}
	g.chief.Get("/books").Has(t, "11:00–12:00 K1 0 7 +7 more 0 2 +2 more gate-1 9 min wait")
	if a := g.chief.Get("/count"); a.Status != 404 {
		t.Errorf("GET /count: %d", a.Status)
	}
}

// size is the number of the post's records.
func (g *stage) size() uint64 {
	g.Helper()
	h, err := g.Post.Health(g.Context())
	if err != nil {
		g.Fatal(err)
	}
	return h.Size
}

func TestDeviceIsBounded(t *testing.T) {
	g := open(t)
	var a sent
	for range deviceBurst + 20 {
		if a = g.send(gate(), "{"); a.status == http.StatusTooManyRequests {
			break
		}
	}
	if a.status != http.StatusTooManyRequests || a.retryAfter == "" || !strings.Contains(a.body, `"rate"`) {
		t.Errorf("after a burst: %d %s, retry after %q", a.status, a.body, a.retryAfter)
	}
	d, now := &device{}, stationtest.Noon
	for i := range deviceBurst {
		if !d.allow(now) {
			t.Fatalf("request %d of a burst is refused", i)
		}
	}
	if d.allow(now) || !d.allow(now.Add(devicePer)) || d.allow(now.Add(devicePer)) {
		t.Error("the bucket does not fill again by one for each second")
	}
	if !d.allow(now.Add(time.Hour)) {
		t.Error("an hour later it is refused")
	}
}

func TestDevicesConfigured(t *testing.T) {
	many := map[string]string{}
	for i := range maxDevices + 1 {
		many[fmt.Sprint("gate-", i)] = fmt.Sprintf("%064x", i)
	}
	for name, hashes := range map[string]map[string]string{
		"no name": {"": gateHash}, "a long name": {strings.Repeat("g", maxName+1): gateHash}, "no hash": {"gate": ""},
		"the token": {"gate": gateToken}, "a short hash": {"gate": gateHash[2:]}, "one token twice": {"a": gateHash, "b": strings.ToUpper(gateHash)},
		"too many": many,
	} {
		if _, err := newDevices(nil, hashes); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if d, err := newDevices(nil, nil); err != nil || d.of("Bearer "+gateToken) != nil {
		t.Errorf("without devices: %v", err)
	}
}

func FuzzReadCount(f *testing.F) {
	f.Add([]byte(counted(strings.Repeat("ab", 16), `,"booth":"K1","entries":7,"waiting":60`)))
	f.Add([]byte(`{"act":"` + strings.Repeat("00", 16) + `","from":"0000-01-01T00:00:00Z","to":"9999-12-31T23:59:59.999Z"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		act, c, err := readCount(body)
		if err != nil {
			return
		}
		// What was read says the same when it is written and read again.
		again := fmt.Sprintf(`{"act":%q,"booth":%s,"from":%q,"to":%q,"entries":%d,"exits":%d,"vehicles":%d,"waiting":%d}`, station.ActText(act),
			quote(c.Booth), time.UnixMilli(c.From).UTC().Format(time.RFC3339Nano), time.UnixMilli(c.To).UTC().Format(time.RFC3339Nano),
			c.Entries, c.Exits, c.Vehicles, c.Waiting)
		act2, c2, err := readCount([]byte(again))
		if err != nil || act2 != act || c2 != c {
			t.Errorf("%s: %v\n%+v\n%+v", again, err, c, c2)
		}
	})
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return string(b)
}
