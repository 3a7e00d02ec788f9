package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"golang.org/x/sync/errgroup"

	"tims/internal/portal"
	"tims/internal/roster"
	"tims/internal/web"
)

// portalConfig is what only a portal's configuration has.
type portalConfig struct {
	Static string `toml:"static"`
	Posts  []struct {
		Name  string  `toml:"name"`
		Label string  `toml:"label"`
		Lat   float64 `toml:"lat"`
		Lon   float64 `toml:"lon"`
	} `toml:"posts"`
}

func (c *serveConfig) checkPortal() error {
	if c.Role != string(roster.Portal) {
		if c.Portal.Static != "" || len(c.Portal.Posts) > 0 {
			return misused("[portal] is for role portal")
		}
		return nil
	}
	seen := map[string]bool{}
	for _, p := range c.Portal.Posts {
		switch {
		case !nodeNames.MatchString(p.Name) || seen[p.Name]:
			return misused("portal.posts %q: each post once, by its name in the roster", p.Name)
		case p.Lat < -90 || p.Lat > 90 || p.Lon < -180 || p.Lon > 180 || p.Lat == 0 && p.Lon == 0:
			return misused("portal.posts %s: lat and lon are degrees north and east, such as 39.906 and 20.363", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

func (c *serveConfig) places() (out []portal.Place) {
	for _, p := range c.Portal.Posts {
		out = append(out, portal.Place{Name: p.Name, Label: p.Label, Lat: p.Lat, Lon: p.Lon})
	}
	return out
}

// servePortal runs a portal until ctx ends or a part of it fails.
func servePortal(ctx context.Context, cfg serveConfig, journal *slog.Logger) (err error) {
	if !isNode(cfg.Dir) {
		return fmt.Errorf("%s holds no portal; `tims found` or `tims join` makes one", cfg.Dir)
	}
	p, err := portal.Open(portal.Options{Dir: cfg.Dir, Founding: cfg.hash, Label: cfg.People.Label, Places: cfg.places(),
		Static: cfg.Portal.Static, Journal: journal})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	parts, ctx := errgroup.WithContext(ctx)
	people, err := cfg.peopleListener(journal)
	if err != nil {
		return fmt.Errorf("listener for people: %w", err)
	}
	defer people.Close()
	under, err := net.Listen("tcp", cfg.Peers.Listen)
	if err != nil {
		return fmt.Errorf("listener for peers: %w", err)
	}
	defer under.Close()
	peers, err := p.PeerListener(under)
	if err != nil {
		return err
	}
	if cfg.Public.Listen != "" {
		public, err := net.Listen("tcp", cfg.Public.Listen)
		if err != nil {
			return fmt.Errorf("public listener: %w", err)
		}
		parts.Go(func() error { return web.Serve(ctx, public, p.PublicHandler()) })
	}
	parts.Go(func() error { return web.Serve(ctx, people, p.Handler()) })
	parts.Go(func() error { return p.ServePeers(ctx, peers) })
	parts.Go(func() error { p.Run(ctx); return nil })
	journal.Info("portal runs", "portal", p.Name(), "people", cfg.People.Listen, "peers", cfg.Peers.Listen, "public", cfg.Public.Listen,
		"version", version)
	err = parts.Wait()
	journal.Info("portal ended", "portal", p.Name())
	return err
}
