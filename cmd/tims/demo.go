package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/demo"
	"tims/internal/demo/panel"
	"tims/internal/node"
	"tims/internal/web"
)

// demoFlags are the flags of `tims demo`.
type demoFlags struct {
	dir, listen string
	seed        uint64
	rate        float64
	length, cut time.Duration
	asJSON      bool
}

func demoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{Use: "demo", Short: "Run a country on this machine: a centre, four posts, invented travellers", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return runDemo(c, f)
		}}
	c.Flags().StringVar(&f.dir, "dir", "", "keep the country in this directory and open it again next time")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8400", "address of the first listener; the others follow it")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "of the invented travellers")
	c.Flags().Float64Var(&f.rate, "rate", 2, "crossings a second over the whole country")
	c.Flags().DurationVar(&f.length, "for", 0, "run so long without a person and end with a summary, such as 20s")
	c.Flags().DurationVar(&f.cut, "cut", 0, "with --for: wipe the centre after so long and rebuild it from the posts")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object as the only line of standard output; needs --for")
	return c
}

func (f demoFlags) check() error {
	switch {
	case f.rate <= 0 || f.rate > 10_000:
		return misused("--rate %v: crossings a second, above 0 and at most 10000", f.rate)
	case f.length < 0 || f.cut < 0:
		return misused("--for and --cut are times from now, such as 20s")
	case f.asJSON && f.length == 0:
		return misused("--json needs --for, such as --for 20s: the summary comes at the end")
	case f.cut > 0 && f.cut >= f.length:
		return misused("--cut %v must come before the end of --for %v", f.cut, f.length)
	}
	return nil
}

func runDemo(c *cobra.Command, f demoFlags) (err error) {
	ctx := c.Context()
	say := func(format string, args ...any) { fmt.Fprintf(c.ErrOrStderr(), format+"\n", args...) }
	began := time.Now()
	journal := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	country, err := demo.Start(demo.Options{Dir: f.dir, Listen: f.listen, Seed: f.seed, Version: version, Journal: journal,
		Face: func(n *node.Node) (http.Handler, error) { return face(n, faceOptions{demo: true, journal: journal}) }})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := country.Close(); err == nil {
			err = cerr
		}
	}()
	traffic, err := country.NewTraffic(ctx)
	if err != nil {
		return err
	}
	say("Ready after %.1f s.", time.Since(began).Seconds())
	if f.length > 0 {
		return runTimed(c, f, country, traffic)
	}
	return runOpen(ctx, f, country, traffic, say)
}

// runTimed lets travellers cross for the time given and prints the summary.
func runTimed(c *cobra.Command, f demoFlags, country *demo.Country, traffic *demo.Traffic) error {
	ctx, cancel := context.WithTimeout(c.Context(), f.length)
	defer cancel()
	attack := make(chan error, 1)
	go func() { attack <- wipeAndRebuild(ctx, f, country) }()
	began := time.Now()
	traffic.Run(ctx, f.rate)
	seconds := time.Since(began).Seconds()
	if err := <-attack; err != nil {
		return err
	}
	s, err := traffic.Settle(context.WithoutCancel(ctx), seconds)
	if err != nil {
		return err
	}
	if f.asJSON {
		if err := json.NewEncoder(c.OutOrStdout()).Encode(s); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(c.OutOrStdout(), "%d crossings accepted in %.0f s, %d at the centre, %d lost, %d doubled.\n"+
			"Check: half within %.1f ms, 99 of 100 within %.1f ms. Commit: %.1f ms, %.1f ms.\n", s.Accepted, s.Seconds, s.AtCentre,
			s.Lost, s.Doubled, s.CheckP50, s.CheckP99, s.CommitP50, s.CommitP99)
	}
	if s.Lost > 0 || s.Doubled > 0 {
		return errFound
	}
	return nil
}

// wipeAndRebuild deletes the centre when --cut says so and rebuilds it half way to the end of traffic.
func wipeAndRebuild(ctx context.Context, f demoFlags, country *demo.Country) error {
	if f.cut == 0 {
		return nil
	}
	if !sleep(ctx, f.cut) {
		return nil
	}
	if err := country.Wipe(); err != nil {
		return fmt.Errorf("wipe the centre: %w", err)
	}
	sleep(ctx, (f.length-f.cut)/2)
	if err := country.Rebuild(); err != nil {
		return fmt.Errorf("rebuild the centre: %w", err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// runOpen shows the start page with the attack panel and lets travellers cross until it is interrupted.
func runOpen(ctx context.Context, f demoFlags, country *demo.Country, traffic *demo.Traffic, say func(string, ...any)) (err error) {
	start, err := panel.New(country, traffic)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, start.Close()) }()
	l, err := net.Listen("tcp", country.StartAddress())
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() {
		served <- web.Serve(ctx, l, start)
		stop()
	}()
	say("Start here:  http://%s/", country.PublicName(country.StartAddress()))
	for _, name := range append(demo.Posts(), demo.CentreName) {
		say("%-9s    http://%s/", name, country.PublicName(country.PeopleAddress(name)))
	}
	say("public       http://%s/", country.PublicName(country.PortalAddress()))
	say("Press Ctrl-C to end.")
	traffic.Run(ctx, f.rate)
	if err := <-served; err != nil {
		return err
	}
	say("Ended.")
	return nil
}
