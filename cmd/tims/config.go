package main

import (
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tims/internal/roster"
)

// serveConfig is what `tims serve` reads. deploy/ has a commented example per role.
type serveConfig struct {
	Role     string `toml:"role"`
	Dir      string `toml:"dir"`
	Founding string `toml:"founding"`
	People   struct {
		Listen string `toml:"listen"`
		Cert   string `toml:"cert"`
		Key    string `toml:"key"`
		URL    string `toml:"url"`
		Label  string `toml:"label"`
	} `toml:"people"`
	Peers struct {
		Listen string `toml:"listen"`
	} `toml:"peers"`
	Public struct {
		Listen string `toml:"listen"`
	} `toml:"public"`
	Journal struct {
		Level  string `toml:"level"`
		Format string `toml:"format"`
	} `toml:"journal"`
	Periods struct {
		Sync   time.Duration `toml:"sync"`
		Status time.Duration `toml:"status"`
	} `toml:"periods"`

	hash  [32]byte
	level slog.Level
}

// readConfig reads a node's configuration. Paths in it are seen from the directory that it lies in.
func readConfig(path string) (serveConfig, error) {
	var c serveConfig
	if err := decodeTOML(path, &c); err != nil {
		return c, err
	}
	for _, p := range []*string{&c.Dir, &c.People.Cert, &c.People.Key} {
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
	case c.Role == string(roster.Portal):
		return misused("role portal: the public portal is not part of this version; a node can be a post or a centre")
	case !slices.Contains(roles, c.Role):
		return misused("role %q is neither post nor centre", c.Role)
	case c.Dir == "":
		return misused("dir: the directory of the node is missing")
	case c.Peers.Listen == "":
		return misused("peers.listen: the node needs a listener for its peers, host:port")
	case c.Periods.Sync < 0 || c.Periods.Status < 0:
		return misused("periods are positive times such as 1s")
	case !slices.Contains([]string{"", "text", "json"}, c.Journal.Format):
		return misused("journal.format %q is neither text nor json", c.Journal.Format)
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

// checkPeople lets pages go over the network encrypted only. A browser at the machine itself may do without.
func (c *serveConfig) checkPeople() error {
	host, port, err := net.SplitHostPort(c.People.Listen)
	if err != nil {
		return misused("people.listen %q: give host:port", c.People.Listen)
	}
	ip := net.ParseIP(host)
	loopback := host == "localhost" || ip != nil && ip.IsLoopback()
	secure := c.People.Cert != ""
	switch {
	case secure != (c.People.Key != ""):
		return misused("people.cert and people.key come together")
	case !secure && !loopback:
		return misused("people.listen %q: without people.cert and people.key only an address of this machine itself, such as 127.0.0.1:%s, "+
			"for travellers' data would cross the network in clear", c.People.Listen, port)
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
