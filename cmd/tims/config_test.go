package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tims/internal/keyring"
)

// Pages of travellers go encrypted or not at all beyond the machine itself, and a link always leads somewhere.
func TestPeopleListener(t *testing.T) {
	for _, c := range []struct {
		people string
		url    string // empty where the configuration is refused
		says   string
	}{
		{`listen="127.0.0.1:80"`, "http://localhost:80", ""},
		{`listen="[::1]:80"`, "http://localhost:80", ""},
		{`listen="localhost:80"`, "http://localhost:80", ""},
		{`listen="127.0.0.1:80"` + "\n" + `url="http://127.0.0.1:80/"`, "http://127.0.0.1:80", ""},
		{`listen="10.0.0.1:443"` + "\n" + `cert="c"` + "\n" + `key="k"`, "https://10.0.0.1:443", ""},
		{`listen=":443"` + "\n" + `cert="c"` + "\n" + `key="k"` + "\n" + `url="https://a.example/"`, "https://a.example", ""},
		{`listen="127.0.0.1:443"` + "\n" + `cert="c"` + "\n" + `key="k"`, "https://127.0.0.1:443", ""},
		{`listen=":443"` + "\n" + `cert="c"` + "\n" + `key="k"`, "", "people.url"},
		{`listen="0.0.0.0:443"` + "\n" + `cert="c"` + "\n" + `key="k"`, "", "people.url"},
		{`listen=":80"`, "", "in clear"},
		{`listen="[::]:80"`, "", "in clear"},
		{`listen="10.0.0.1:80"`, "", "in clear"},
		{`listen="booth.example:80"`, "", "in clear"},
		{`listen="10.0.0.1:443"` + "\n" + `cert="c"`, "", "come together"},
		{`listen="10.0.0.1:443"` + "\n" + `cert="c"` + "\n" + `key="k"` + "\n" + `url="http://a.example"`, "", "https://"},
		{`listen="here"`, "", "people.listen"},
		{``, "", "people.listen"},
	} {
		got, err := readText(t, "role=\"post\"\ndir=\"d\"\nfounding=\""+strings.Repeat("07", 32)+"\"\n[peers]\nlisten=\":1\"\n[people]\n"+c.people+"\n")
		var misuse errMisused
		if c.url == "" && (!errors.As(err, &misuse) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s\naccepted, or refused with %v; want %q", c.people, err, c.says)
		}
		if c.url != "" && (err != nil || got.People.URL != c.url) {
			t.Errorf("%s\nleads to %q, %v; want %q", c.people, got.People.URL, err, c.url)
		}
	}
}

// What `tims certificate` put into the node's directory is taken, except at an address of the machine itself.
func TestPagesOfTheDirectory(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{pagesCert, pagesKey} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for listen, want := range map[string]string{"10.0.0.1:443": filepath.Join(dir, pagesCert), "127.0.0.1:80": ""} {
		got, err := readText(t, "role=\"post\"\ndir=\""+dir+"\"\nfounding=\""+strings.Repeat("07", 32)+"\"\n[peers]\nlisten=\":1\"\n[people]\n"+
			"listen=\""+listen+"\"\n")
		if err != nil || got.People.Cert != want {
			t.Errorf("%s: %q, %v; want %q", listen, got.People.Cert, err, want)
		}
	}
}

// What is missing or wrong is named by its key.
func TestConfigurationRefused(t *testing.T) {
	whole := map[string]string{"role": `role="post"`, "dir": `dir="d"`, "founding": `founding="` + strings.Repeat("07", 32) + `"`,
		"people": `people={listen="127.0.0.1:1"}`, "peers": `peers={listen=":2"}`, "public": ``, "journal": ``, "periods": ``, "portal": ``}
	if _, err := readText(t, joined(whole)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ key, line, says string }{
		{"role", ``, "role"},
		{"role", `role="king"`, "role"},
		{"portal", `portal={static="d"}`, "[portal] is for role portal"},
		{"role", `role=1`, "role"},
		{"dir", ``, "dir"},
		{"founding", ``, "founding"},
		{"founding", `founding="00"`, "founding"},
		{"founding", `founding="` + strings.Repeat("0", 64) + `"`, "zeros"},
		{"peers", ``, "peers.listen"},
		{"peers", `peers={listen="x"}`, "peers.listen"},
		{"people", `people={listen="127.0.0.1:1",languages="nowhere"}`, "people.languages"},
		{"people", `people={listen="127.0.0.1:1",languages="node.toml"}`, "people.languages"},
		{"people", `people={listen="127.0.0.1:1",devices={gate1="the token itself"}}`, "people.devices.gate1"},
		{"public", `public={listen="x"}`, "public.listen"},
		{"public", `public={lisen=":3"}`, "unknown key public.lisen"},
		{"role", "role=\"post\"\nlist_memory_mib=-1", "list_memory_mib"},
		{"journal", `journal={level="loud"}`, "journal.level"},
		{"journal", `journal={format="xml"}`, "journal.format"},
		{"periods", `periods={sync="-1s"}`, "periods"},
		{"periods", `periods={sync="soon"}`, "line 6"},
		{"periods", `periods={`, "line"},
	} {
		old := whole[c.key]
		whole[c.key] = c.line
		var misuse errMisused
		if _, err := readText(t, joined(whole)); !errors.As(err, &misuse) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", c.line, err, c.says)
		}
		whole[c.key] = old
	}
}

func joined(lines map[string]string) string {
	var b strings.Builder
	for _, key := range sorted(lines) {
		b.WriteString(lines[key] + "\n")
	}
	return b.String()
}

func readText(t *testing.T, text string) (serveConfig, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return readConfig(path)
}

// A passkey counts that was used where browsers reach the pages: at the address that is told, and under the certificate's names.
func TestHosts(t *testing.T) {
	dir := t.TempDir()
	root, err := keyring.NewRoot("al", "kufi.example", time.Now())
	check(t, err)
	cert, key, err := root.Issue("kakavija", time.Now())
	check(t, err)
	var c serveConfig
	c.People.URL, c.People.Cert, c.People.Key = "https://10.1.2.3:8443", filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	check(t, errors.Join(os.WriteFile(c.People.Cert, cert, 0o600), os.WriteFile(c.People.Key, key, 0o600)))
	if got, err := c.hosts(); err != nil || !slices.Equal(got, []string{"10.1.2.3", "kakavija.kufi.example"}) {
		t.Errorf("%v, %v", got, err)
	}
	c.People.Cert, c.People.Key = "", ""
	if got, err := c.hosts(); err != nil || !slices.Equal(got, []string{"10.1.2.3"}) {
		t.Errorf("behind a proxy: %v, %v", got, err)
	}
}
