package demo

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/lists/ofacdata"
	"tims/internal/node"
	"tims/internal/roster"
)

// Files of a country's directory outside all nodes.
const (
	authorityFile = "authority.key" // of the one approver, as `tims found` writes it; a country has several, on several machines
	approverName  = "authority"
	authorityLine = "private: " // begins the last line of that file
)

// found makes the country, or reads back the one that lies in the directory.
func (c *Country) found() (err error) {
	if c.dir = c.opt.Dir; c.dir == "" {
		if c.dir, err = os.MkdirTemp("", "tims-demo-"); err != nil {
			return fmt.Errorf("make a directory for the demo: %w", err)
		}
		c.made = true
	}
	for _, p := range places {
		// The founding lies in every node's directory, so it is found again even while one of them is wiped.
		if c.founding, err = node.ReadFounding(filepath.Join(c.dir, p.Name)); err == nil {
			c.again = true
			return c.reopen()
		}
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return fmt.Errorf("make the demo's directory: %w", err)
	}
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{approverName}, Threshold: 1,
		Rulebook: c.rules(), Officers: officers}
	for _, p := range append(places[:len(places):len(places)], portalPlan) {
		p.Address = c.peersAddress(p.Name)
		plan.Nodes = append(plan.Nodes, p)
	}
	founded, err := node.Found(c.dir, plan)
	if err != nil {
		return err
	}
	c.founding = founded.Founding
	text := authorityText(plan.Country, founded.Approvers[approverName])
	if err := os.WriteFile(filepath.Join(c.dir, authorityFile), []byte(text), 0o600); err != nil {
		return err
	}
	return c.newPasskeys(founded.Codes)
}

// reopen rebuilds a centre that was left wiped, and refuses a country that was founded on other ports: addresses stand in
// the approved roster.
func (c *Country) reopen() error {
	for _, n := range c.founding.Roster.Nodes {
		if n.Address != c.peersAddress(n.Name) {
			return fmt.Errorf("the country in %s was founded on other ports; start it with the same --listen as the first time", c.dir)
		}
	}
	if _, err := node.ReadFounding(filepath.Join(c.dir, CentreName)); errors.Is(err, os.ErrNotExist) {
		return errors.New("the centre of this country was wiped; delete the directory or run `tims rebuild` before the demo")
	}
	return c.readPasskeys()
}

// rules are the default rulebook; every post has recorded since the past begins.
func (c *Country) rules() *border.Rulebook {
	rules := border.DefaultRulebook()
	rules.Since = map[string]border.Date{}
	first := border.DayAt(time.Now().AddDate(0, 0, -pastDays-1).UnixMilli(), tirana())
	for _, p := range Posts() {
		rules.Since[p] = first
	}
	return rules
}

// authorityText is the key file of the demonstration's approver, as the commands read it that take --authority.
func authorityText(country string, key ed25519.PrivateKey) string {
	encode := base64.StdEncoding.EncodeToString
	return "TIMS authority key 1\n" +
		"# The one approver of a demonstration. Commands that ask for --authority take it.\n" +
		"country: " + country + "\napprover: " + approverName + "\n" +
		"public: " + encode(key.Public().(ed25519.PublicKey)) + "\n" + authorityLine + encode(key.Seed()) + "\n"
}

// approve signs a change with the authority's key file.
func (c *Country) approve(change roster.Change) ([]roster.Approval, error) {
	b, err := os.ReadFile(filepath.Join(c.dir, authorityFile))
	if err != nil {
		return nil, fmt.Errorf("read the authority's key: %w", err)
	}
	_, private, _ := strings.Cut(string(b), "\n"+authorityLine)
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(private))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("the authority's key file is damaged")
	}
	return []roster.Approval{roster.Approve(change, approverName, ed25519.NewKeyFromSeed(seed))}, nil
}

// release puts the list of the United States Treasury, which travels in the binary, in force at the centre, and two canaries.
func (c *Country) release(ctx context.Context) error {
	centre := c.Node(CentreName)
	if centre == nil || c.again {
		return nil
	}
	var alerts []border.Alert
	if _, err := lists.Import(lists.OFACSDN, ofacdata.Files(), func(a border.Alert) error {
		alerts = append(alerts, a)
		return nil
	}); err != nil {
		return fmt.Errorf("read the alert list: %w", err)
	}
	if _, err := centre.Release(ctx, string(lists.OFACSDN), 0, alerts); err != nil {
		return fmt.Errorf("release the alert list: %w", err)
	}
	if _, err := centre.Release(ctx, canaryList, 0, canaries()); err != nil {
		return fmt.Errorf("release the canaries: %w", err)
	}
	return nil
}

// canaryList is the list of what every booth of the demonstration must find each day.
const canaryList = "canary"

// canaries are two invented persons of names that nobody bears.
func canaries() []border.Alert {
	return []border.Alert{
		{ID: "canary:1", List: canaryList, Kind: border.PersonAlert, Action: border.ActInform, Reason: "canary", Canary: true, Sex: "M",
			Names:  []border.AlertName{{Primary: "Kanarini Provë", Secondary: "Ilir Besnik"}},
			Births: []border.PartialDate{{Year: 1971, Month: 3, Day: 9}}, Nations: []string{"XKX"}},
		{ID: "canary:2", List: canaryList, Kind: border.PersonAlert, Action: border.ActInform, Reason: "canary", Canary: true, Sex: "F",
			Names:  []border.AlertName{{Primary: "Zogëverdha", Secondary: "Drita Mirandola"}},
			Births: []border.PartialDate{{Year: 1988, Month: 11, Day: 23}}, Nations: []string{"ITA"}},
	}
}

// PublicName is an address as a browser should be given it: "localhost" is a secure place without a certificate.
func (c *Country) PublicName(address string) string {
	return strings.Replace(address, "127.0.0.1:", "localhost:", 1)
}
