package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tims/internal/roster"
)

const deploy = "../../deploy"

func TestExamplePlan(t *testing.T) {
	p, err := readPlan(filepath.Join(deploy, "plan.toml"), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Nodes) != 3 || len(p.Officers) != 3 || len(p.Approvers) != 3 || p.Threshold != 2 || p.Nodes[0].Role != roster.Centre {
		t.Errorf("plan read as %+v", p)
	}
	if since := p.Rulebook.Since["kakavija"]; since.String() != "2026-07-22" || len(p.Rulebook.Since) != 2 {
		t.Errorf("since is %v", p.Rulebook.Since)
	}
}

// Each role has an example, and each example shows every key that there is.
func TestExampleConfigurations(t *testing.T) {
	for _, role := range []roster.Role{roster.Centre, roster.Post} {
		c, err := readConfig(filepath.Join(deploy, string(role)+".toml"))
		if err != nil {
			t.Fatal(err)
		}
		if c.Role != string(role) || !filepath.IsAbs(c.Dir) || c.Founding == "" || c.People.Listen == "" || c.People.Cert == "" ||
			c.People.Key == "" || c.People.URL == "" || c.People.Label == "" || c.Peers.Listen == "" || c.Public.Listen == "" ||
			c.Journal.Level != "info" || c.Journal.Format != "text" || c.Periods.Sync != time.Second || c.Periods.Status != time.Hour {
			t.Errorf("%s.toml read as %+v", role, c)
		}
	}
}

func TestExamplePortal(t *testing.T) {
	c, err := readConfig(filepath.Join(deploy, "portal.toml"))
	if err != nil {
		t.Fatal(err)
	}
	places := c.places()
	if c.Role != string(roster.Portal) || !filepath.IsAbs(c.Portal.Static) || len(places) != 2 || places[0].Name != "kakavija" ||
		places[0].Lat != 39.906 || places[0].Lon != 20.363 || places[1].Label != "Durrës" || c.People.URL == "" || c.Public.Listen == "" {
		t.Errorf("portal.toml read as %+v", c)
	}
}

func TestExampleWitness(t *testing.T) {
	c, err := readWitnessConfig(filepath.Join(deploy, "witness.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Dir != "/var/lib/tims-witness" || c.Listen == "" || c.Cert == "" || c.Key == "" || c.Logs == "" || len(c.Countries) != 1 ||
		c.Countries[0].Founding == "" || c.Journal.Level != "info" || c.Journal.Format != "text" {
		t.Errorf("witness.toml read as %+v", c)
	}
	if _, err := parseHash(c.Countries[0].Hash); err != nil {
		t.Error(err)
	}
}

// settings are those of a unit, by name.
func settings(t *testing.T, name string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(deploy, name))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			out[key] = value
		}
	}
	return out
}

// The witness's unit differs from the node's in its user, its directory and its command alone.
func TestWitnessUnit(t *testing.T) {
	unit, node := settings(t, "tims-witness.service"), settings(t, "tims@.service")
	words := strings.Fields(unit["ExecStart"])
	c, rest, err := rootCommand().Find(words[1:])
	if err != nil || c.Name() != "witness" {
		t.Fatalf("ExecStart finds %v, %v", c, err)
	}
	if err := c.ParseFlags(rest); err != nil || c.Flag("config").Value.String() != "/etc/tims/witness.toml" {
		t.Errorf("ExecStart reads the configuration %q, %v", c.Flag("config").Value, err)
	}
	cfg, err := readWitnessConfig(filepath.Join(deploy, "witness.toml"))
	if err != nil || cfg.Dir != "/var/lib/"+unit["StateDirectory"] {
		t.Errorf("the unit keeps %s, the example %s, %v", unit["StateDirectory"], cfg.Dir, err)
	}
	for _, own := range []string{"Description", "ExecStart", "User", "Group", "StateDirectory"} {
		if unit[own] == node[own] {
			t.Errorf("%s is the node's: %q", own, unit[own])
		}
		delete(unit, own)
		delete(node, own)
	}
	if !maps.Equal(unit, node) {
		t.Errorf("%v\nis not\n%v", unit, node)
	}
}

// The unit runs a command that exists, in the directories that the examples name.
func TestUnit(t *testing.T) {
	settings := settings(t, "tims@.service")
	words := strings.Fields(settings["ExecStart"])
	c, rest, err := rootCommand().Find(words[1:])
	if err != nil || c.Name() != "serve" {
		t.Fatalf("ExecStart finds %v, %v", c, err)
	}
	if err := c.ParseFlags(rest); err != nil || c.Flag("config").Value.String() != "/etc/tims/%i.toml" {
		t.Errorf("ExecStart reads the configuration %q, %v", c.Flag("config").Value, err)
	}
	cfg, err := readConfig(filepath.Join(deploy, "post.toml"))
	if err != nil {
		t.Fatal(err)
	}
	instance := filepath.Base(cfg.Dir)
	_, state, _ := strings.Cut(settings["StateDirectory"], " ")
	if got := "/var/lib/" + strings.ReplaceAll(state, "%i", instance); got != cfg.Dir {
		t.Errorf("the unit keeps %s, the example %s", got, cfg.Dir)
	}
	for _, key := range []string{"NoNewPrivileges", "PrivateTmp", "ProtectHome"} {
		if settings[key] != "true" {
			t.Errorf("%s is %q", key, settings[key])
		}
	}
}
