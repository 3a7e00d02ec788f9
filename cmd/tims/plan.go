package main

import (
	"net"
	"regexp"
	"slices"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/roster"
)

// planFile is what `tims found` reads. deploy/plan.toml explains each key.
type planFile struct {
	Country   string   `toml:"country"`
	TimeZone  string   `toml:"time_zone"`
	Parent    string   `toml:"parent"`
	Since     string   `toml:"since"`
	Approvers []string `toml:"approvers"`
	Threshold int      `toml:"threshold"`
	Nodes     []struct {
		Name    string `toml:"name"`
		Role    string `toml:"role"`
		Place   string `toml:"place"`
		Traffic string `toml:"traffic"`
		Address string `toml:"address"`
		// Neighbours are the posts with which a post exchanges directly.
		Neighbours []string `toml:"neighbours"`
	} `toml:"node"`
	Officers []struct {
		Label  string   `toml:"label"`
		Duties []string `toml:"duties"`
	} `toml:"officer"`
}

var (
	roles  = []string{string(roster.Post), string(roster.Centre), string(roster.Portal)}
	duties = []string{string(roster.BoothOfficer), string(roster.SecondLine), string(roster.Supervisor), string(roster.Analyst),
		string(roster.Administrator)}
	traffics = []string{"road", "sea", "air", "rail"}

	// nodeNames are those that the roster takes: they become directories before the roster is made.
	nodeNames    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	countryNames = regexp.MustCompile(`^[a-z]{2}$`)
)

// readPlan reads a plan and says what of it cannot be founded.
func readPlan(path string, now time.Time) (node.Plan, error) {
	var f planFile
	if err := decodeTOML(path, &f); err != nil {
		return node.Plan{}, err
	}
	p, err := f.plan(now)
	if err != nil {
		return node.Plan{}, misused("%s: %w", path, err)
	}
	return p, nil
}

func (f planFile) plan(now time.Time) (node.Plan, error) {
	p := node.Plan{Country: f.Country, TimeZone: f.TimeZone, Parent: f.Parent, Approvers: f.Approvers, Threshold: f.Threshold}
	zone, err := time.LoadLocation(f.TimeZone)
	switch {
	case !countryNames.MatchString(f.Country):
		return p, misused("country %q: two lower-case letters", f.Country)
	case err != nil || f.TimeZone == "" || f.TimeZone == "Local":
		return p, misused("time_zone %q: a name such as Europe/Tirane", f.TimeZone)
	case f.Parent == "":
		return p, misused("parent: the domain that all booths share, such as kufi.example")
	case len(f.Approvers) == 0 || f.Threshold <= len(f.Approvers)/2 || f.Threshold > len(f.Approvers):
		return p, misused("threshold %d of %d approvers: more than half of them, and not more than there are", f.Threshold, len(f.Approvers))
	case len(f.Nodes) == 0:
		return p, misused("a country needs at least one [[node]]")
	}
	since := border.DayAt(now.UnixMilli(), zone)
	if f.Since != "" {
		if since, err = border.ParseDate(f.Since); err != nil {
			return p, misused("since %q: a date such as 2026-07-22", f.Since)
		}
	}
	if err := f.nodes(&p, since); err != nil {
		return p, err
	}
	return p, f.officers(&p)
}

func (f planFile) nodes(p *node.Plan, since border.Date) error {
	p.Rulebook = border.DefaultRulebook()
	p.Rulebook.Since = map[string]border.Date{}
	seen := map[string]bool{}
	for _, n := range f.Nodes {
		if err := checkNode(n.Name, n.Role, n.Traffic, n.Address); err != nil {
			return err
		}
		if seen[n.Name] {
			return misused("node %s stands twice", n.Name)
		}
		seen[n.Name] = true
		if roster.Role(n.Role) == roster.Post {
			p.Rulebook.Since[n.Name] = since
		}
		p.Nodes = append(p.Nodes, node.PlannedNode{Name: n.Name, Role: roster.Role(n.Role), Place: n.Place, Traffic: n.Traffic,
			Address: n.Address, Neighbours: n.Neighbours})
	}
	for _, n := range p.Nodes {
		if err := checkNeighbours(n, func(name string) bool {
			return slices.ContainsFunc(p.Nodes, func(o node.PlannedNode) bool { return o.Name == name && o.Role == roster.Post })
		}); err != nil {
			return err
		}
	}
	return nil
}

// checkNeighbours judges whom a node names as its neighbours.
func checkNeighbours(n node.PlannedNode, isPost func(string) bool) error {
	if len(n.Neighbours) > 0 && n.Role != roster.Post {
		return misused("node %s: only posts have neighbours; a %s exchanges with all by itself", n.Name, n.Role)
	}
	for _, o := range n.Neighbours {
		if o == n.Name || !isPost(o) {
			return misused("node %s: neighbour %q is no other post", n.Name, o)
		}
	}
	return nil
}

// checkNode judges what the roster takes as it comes.
func checkNode(name, role, traffic, address string) error {
	_, _, err := net.SplitHostPort(address)
	switch {
	case !nodeNames.MatchString(name):
		return misused("node name %q: a lower-case letter, then up to 30 lower-case letters, digits and hyphens", name)
	case !slices.Contains(roles, role):
		return misused("node %s: role %q is none of %v", name, role, roles)
	case traffic != "" && !slices.Contains(traffics, traffic):
		return misused("node %s: traffic %q is none of %v", name, traffic, traffics)
	case role == string(roster.Post) && traffic == "":
		return misused("node %s: a post needs its traffic, one of %v", name, traffics)
	case err != nil:
		return misused("node %s: address %q: host:port of its listener for peers", name, address)
	}
	return nil
}

func (f planFile) officers(p *node.Plan) error {
	seen := map[string]bool{}
	for _, o := range f.Officers {
		if o.Label == "" || seen[o.Label] {
			return misused("officer %q: each needs a label of his own", o.Label)
		}
		seen[o.Label] = true
		planned := node.PlannedOfficer{Label: o.Label}
		for _, d := range o.Duties {
			if !slices.Contains(duties, d) {
				return misused("officer %s: duty %q is none of %v", o.Label, d, duties)
			}
			planned.Duties = append(planned.Duties, roster.Duty(d))
		}
		p.Officers = append(p.Officers, planned)
	}
	return nil
}
