package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tims/internal/node"
	"tims/internal/roster"
)

// serveConfig is what `tims serve` reads. deploy/ has a commented example per role.
type serveConfig struct {
	Role     string `toml:"role"`
	Dir      string `toml:"dir"`
	Founding string `toml:"founding"`
	// Fence is a small file on a second device that remembers how far the log was signed (docs/design/log.md, "Rollback fence").
	Fence string `toml:"fence"`
	// ListMemory bounds what all alert lists take in memory together, in MiB (docs/design/lists.md, "Bounds").
	ListMemory int64 `toml:"list_memory_mib"`
	People     struct {
		Listen string `toml:"listen"`
		Cert   string `toml:"cert"`
		Key    string `toml:"key"`
		URL    string `toml:"url"`
		Label  string `toml:"label"`
		// Languages is a directory of further catalogues, CODE.json each. English stands in where one lacks a text.
		Languages string `toml:"languages"`
		// State and Office stand on a post's printed forms.
		State  string `toml:"state"`
		Office string `toml:"office"`
		// Devices are the gates and cameras that may post counts to a post: name to the SHA-256 of its token in hex.
		Devices map[string]string `toml:"devices"`
	} `toml:"people"`
	Peers struct {
		Listen string `toml:"listen"`
	} `toml:"peers"`
	Public struct {
		Listen string `toml:"listen"`
	} `toml:"public"`
	Witness struct {
		// Policy is a file of C2SP tlog-policy: whose signatures make a record witnessed, and whom this node asks for them.
		Policy string `toml:"policy"`
	} `toml:"witness"`
	Journal struct {
		Level  string `toml:"level"`
		Format string `toml:"format"`
	} `toml:"journal"`
	Periods struct {
		Sync   time.Duration `toml:"sync"`
		Status time.Duration `toml:"status"`
	} `toml:"periods"`

	Portal portalConfig `toml:"portal"`

	hash  [32]byte
	level slog.Level
}

// readConfig reads a node's configuration. Paths in it are seen from the directory that it lies in.
func readConfig(path string) (serveConfig, error) {
	var c serveConfig
	if err := decodeTOML(path, &c); err != nil {
		return c, err
	}
	for _, p := range []*string{&c.Dir, &c.People.Cert, &c.People.Key, &c.People.Languages, &c.Portal.Static, &c.Witness.Policy, &c.Fence} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(path), *p)
		}
	}
	if err := c.check(); err != nil {
		return c, misused("%s: %w", path, err)
	}
	return c, nil
}

func (c *serveConfig) check() (err error) {
	switch {
	case !slices.Contains(roles, c.Role):
		return misused("role %q is none of post, centre and portal", c.Role)
	case c.Dir == "":
		return misused("dir: the directory of the node is missing")
	case c.Peers.Listen == "":
		return misused("peers.listen: the node needs a listener for its peers, host:port")
	case c.Periods.Sync < 0 || c.Periods.Status < 0:
		return misused("periods are positive times such as 1s")
	case c.ListMemory < 0 || c.ListMemory > 1<<20:
		return misused("list_memory_mib is the memory for alert lists in MiB, such as 3072")
	case !slices.Contains([]string{"", "text", "json"}, c.Journal.Format):
		return misused("journal.format %q is neither text nor json", c.Journal.Format)
	}
	if err := c.checkPortal(); err != nil {
		return err
	}
	if err := errors.Join(c.checkLanguages(), c.checkDevices(), c.checkWitness()); err != nil {
		return err
	}
	if c.hash, err = parseHash(c.Founding); err != nil {
		return misused("founding: %w", err)
	}
	if c.hash == [32]byte{} {
		return misused("founding: these are zeros; give the hash that `tims found` printed, or any directory would be accepted")
	}
	if c.Journal.Level != "" {
		if err := c.level.UnmarshalText([]byte(c.Journal.Level)); err != nil {
			return misused("journal.level %q is none of debug, info, warn, error", c.Journal.Level)
		}
	}
	for key, address := range map[string]string{"peers": c.Peers.Listen, "public": c.Public.Listen, "people": c.People.Listen} {
		if _, _, err := net.SplitHostPort(address); err != nil && (address != "" || key == "people") {
			return misused("%s.listen %q: give host:port", key, address)
		}
	}
	return c.checkPeople()
}

func (c *serveConfig) checkLanguages() error {
	if c.People.Languages == "" {
		return nil
	}
	if c.Role == string(roster.Portal) {
		return misused("people.languages: the portal's pages speak the languages of the program")
	}
	if info, err := os.Stat(c.People.Languages); err != nil || !info.IsDir() {
		return misused("people.languages %q is no directory that can be read", c.People.Languages)
	}
	return nil
}

// checkWitness reads the policy, so that a wrong one is said before the node opens.
func (c *serveConfig) checkWitness() error {
	if c.Witness.Policy == "" {
		return nil
	}
	if c.Role == string(roster.Portal) {
		return misused("witness.policy: a portal shows what nodes bring, and asks nobody")
	}
	b, err := os.ReadFile(c.Witness.Policy)
	if err == nil {
		_, err = node.ReadWitnessPolicy(b)
	}
	if err != nil {
		return misused("witness.policy: %w", err)
	}
	return nil
}

func (c *serveConfig) checkDevices() error {
	if len(c.People.Devices) > 0 && c.Role != string(roster.Post) {
		return misused("people.devices: gates and cameras post their counts to a post")
	}
	for name, hash := range c.People.Devices {
		if _, err := parseHash(hash); err != nil {
			return misused("people.devices.%s: give the SHA-256 of the device's token, 64 hexadecimal digits, not the token", name)
		}
	}
	return nil
}

// languages are the catalogues beside those of the binary, nil for none.
func (c *serveConfig) languages() fs.FS {
	if c.People.Languages == "" {
		return nil
	}
	return os.DirFS(c.People.Languages)
}

// checkPeople lets pages go over the network encrypted only. A browser at the machine itself may do without.
func (c *serveConfig) checkPeople() error {
	host, port, err := net.SplitHostPort(c.People.Listen)
	if err != nil {
		return misused("people.listen %q: give host:port", c.People.Listen)
	}
	ip := net.ParseIP(host)
	loopback := host == "localhost" || ip != nil && ip.IsLoopback()
	if c.People.Cert == "" && c.People.Key == "" && !loopback && holds(c.Dir, pagesCert) {
		c.People.Cert, c.People.Key = filepath.Join(c.Dir, pagesCert), filepath.Join(c.Dir, pagesKey)
	}
	secure := c.People.Cert != ""
	switch {
	case secure != (c.People.Key != ""):
		return misused("people.cert and people.key come together")
	case !secure && !loopback:
		return misused("people.listen %q: without people.cert and people.key, or those of `tims certificate` in dir, only an address of this "+
			"machine itself, such as 127.0.0.1:%s, for travellers' data would cross the network in clear", c.People.Listen, port)
	}
	if c.People.URL = strings.TrimRight(c.People.URL, "/"); c.People.URL != "" {
		if !strings.HasPrefix(c.People.URL, "https://") && !(loopback && strings.HasPrefix(c.People.URL, "http://")) {
			return misused("people.url %q: begins with https://", c.People.URL)
		}
		return nil
	}
	switch {
	case host == "" || ip != nil && ip.IsUnspecified():
		return misused("people.url: say how browsers reach the pages, for people.listen names every address")
	case loopback && !secure:
		c.People.URL = "http://localhost:" + port // what a browser calls a secure place without a certificate
	default:
		c.People.URL = "https://" + net.JoinHostPort(host, port)
	}
	return nil
}

// differs says why a node's entry in the roster does not fit its configuration, if so.
func (c *serveConfig) differs(self roster.Node) error {
	if string(self.Role) != c.Role {
		return fmt.Errorf("the configuration says role %s, and the roster knows node %s as %s", c.Role, self.Name, self.Role)
	}
	return nil
}
