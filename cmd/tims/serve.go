package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"tims/internal/control"
	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/web"
)

func serveCommand() *cobra.Command {
	c := &cobra.Command{Use: "serve --config FILE", Short: "Run a node: a post, a centre or a portal", Args: cobra.NoArgs,
		Long: "Runs the node of a configuration (deploy/ has an example per role) until it is interrupted. The journal goes to\n" +
			"standard error. Exit code 0 after an interrupt or SIGTERM, 1 if the node cannot go on, 2 if the configuration is wrong."}
	config := c.Flags().String("config", "", "configuration, a TOML file")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "config"); err != nil {
			return err
		}
		cfg, err := readConfig(*config)
		if err != nil {
			return err
		}
		if cfg.Role == string(roster.Portal) {
			return servePortal(c.Context(), cfg, cfg.journal(c.ErrOrStderr()))
		}
		s, err := start(c.Context(), cfg, cfg.journal(c.ErrOrStderr()))
		if err != nil {
			return err
		}
		return s.wait()
	}
	return c
}

func (c *serveConfig) journal(w io.Writer) *slog.Logger {
	return journalOf(w, c.level, c.Journal.Format)
}

func journalOf(w io.Writer, level slog.Level, format string) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// A service is one open node with its listeners. If one part of it fails, all of it ends, and the service manager starts it
// anew: half a node would look alive.
type service struct {
	*node.Node
	journal *slog.Logger
	ctx     context.Context
	cancel  context.CancelFunc
	parts   *errgroup.Group
}

// start opens the node and its listeners. They end with ctx.
func start(ctx context.Context, cfg serveConfig, journal *slog.Logger) (_ *service, err error) {
	if !isNode(cfg.Dir) {
		return nil, fmt.Errorf("%s holds no node; `tims found`, `tims join` or `tims rebuild` makes one", cfg.Dir)
	}
	hosts, err := cfg.hosts()
	if err != nil {
		return nil, err
	}
	socket, err := control.Listen(cfg.Dir) // before the node: two processes must never write one log
	if err != nil {
		return nil, err
	}
	s := &service{journal: journal}
	ctx, s.cancel = context.WithCancel(ctx)
	s.parts, s.ctx = errgroup.WithContext(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, socket.Close(), s.end())
		}
	}()
	if s.Node, err = node.Open(node.Options{Dir: cfg.Dir, Founding: cfg.hash, Version: version, Journal: journal, Hosts: hosts,
		SyncEvery: cfg.Periods.Sync, StatusEvery: cfg.Periods.Status, WitnessPolicy: cfg.Witness.Policy, Fence: cfg.Fence,
		ListRoom: cfg.ListMemory << 20}); err != nil {
		return nil, err
	}
	if err := cfg.differs(s.Self()); err != nil {
		return nil, err
	}
	if err := s.listen(cfg); err != nil {
		return nil, err
	}
	s.parts.Go(func() error {
		select {
		case <-s.ctx.Done():
			return nil
		case <-s.MustReopen():
			return errors.New("this node's log was set back; at its next start it goes on in a new epoch")
		}
	})
	s.parts.Go(func() error { return socket.Serve(s.ctx, s.Node, cfg.People.URL) })
	journal.Info("node runs", "node", s.Name(), "role", cfg.Role, "origin", s.Origin(), "people", cfg.People.Listen,
		"peers", cfg.Peers.Listen, "public", cfg.Public.Listen, "version", version)
	return s, nil
}

// listen opens the listeners, all before the first is answered, so that a port that is taken ends the start.
func (s *service) listen(cfg serveConfig) error {
	h, err := face(s.Node, faceOptions{label: cfg.People.Label, journal: s.journal, languages: cfg.languages(),
		state: cfg.People.State, office: cfg.People.Office, devices: cfg.People.Devices})
	if err != nil {
		return err
	}
	people, err := cfg.peopleListener(s.journal)
	if err != nil {
		return fmt.Errorf("listener for people: %w", err)
	}
	s.serve(people, h)
	if runner, ok := h.(interface{ Run(context.Context) }); ok {
		s.parts.Go(func() error { runner.Run(s.ctx); return nil })
	}
	if cfg.Public.Listen != "" {
		public, err := net.Listen("tcp", cfg.Public.Listen)
		if err != nil {
			return fmt.Errorf("public listener: %w", err)
		}
		s.serve(public, s.PublicHandler())
	}
	peers, err := net.Listen("tcp", cfg.Peers.Listen)
	if err != nil {
		return fmt.Errorf("listener for peers: %w", err)
	}
	secure, err := s.PeerListener(peers)
	if err != nil {
		return errors.Join(err, peers.Close())
	}
	s.parts.Go(func() error { return s.ServePeers(s.ctx, secure) })
	return nil
}

func (s *service) serve(l net.Listener, h http.Handler) {
	s.parts.Go(func() error { return web.Serve(s.ctx, l, h) })
}

func (c *serveConfig) peopleListener(journal *slog.Logger) (net.Listener, error) {
	l, err := net.Listen("tcp", c.People.Listen)
	if err != nil || c.People.Cert == "" {
		return l, err
	}
	cert, err := tls.LoadX509KeyPair(c.People.Cert, c.People.Key)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if left := time.Until(cert.Leaf.NotAfter); left < keyring.RenewPages {
		journal.Warn("the certificate of the pages ends soon: make another with `tims certificate`", "ends", cert.Leaf.NotAfter)
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}}), nil
}

// hosts are the names under which browsers reach the pages: that of people.url, and those of the certificate.
func (c *serveConfig) hosts() ([]string, error) {
	u, err := url.Parse(c.People.URL)
	if err != nil {
		return nil, misused("people.url: %w", err)
	}
	out := []string{u.Hostname()}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() {
		out = append(out, "localhost") // where browsers let passkeys be used
	}
	if c.People.Cert == "" {
		return out, nil
	}
	cert, err := tls.LoadX509KeyPair(c.People.Cert, c.People.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate of the pages: %w", err)
	}
	return append(out, cert.Leaf.DNSNames...), nil
}

// wait returns when the service was told to end or a part of it failed, with everything closed.
func (s *service) wait() error {
	<-s.ctx.Done()
	err := s.end()
	s.journal.Info("node ended", "node", s.Name())
	return err
}

// end stops all parts, lets acts in flight become durable, and closes the node.
func (s *service) end() error {
	s.cancel()
	err := s.parts.Wait()
	if s.Node != nil {
		err = errors.Join(err, s.Close())
	}
	return err
}
