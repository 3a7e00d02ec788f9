package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"tims/internal/keyring"
	"tims/internal/proof"
	"tims/internal/roster"
	"tims/internal/web"
	"tims/internal/witness"
)

// witnessKey is the file of the key in a witness's directory.
const witnessKey = "witness.key"

// witnessConfig is what `tims witness` reads. deploy/witness.toml shows all of it.
type witnessConfig struct {
	Dir       string `toml:"dir"`
	Listen    string `toml:"listen"`
	Cert      string `toml:"cert"`
	Key       string `toml:"key"`
	Logs      string `toml:"logs"`
	Countries []struct {
		Founding string `toml:"founding"`
		Hash     string `toml:"hash"`
	} `toml:"country"`
	Journal struct {
		Level  string `toml:"level"`
		Format string `toml:"format"`
	} `toml:"journal"`

	logs      []string
	countries []roster.Founding
	level     slog.Level
}

func witnessCommand() *cobra.Command {
	c := &cobra.Command{Use: "witness --config FILE", Short: "Run a witness: cosign other people's logs, hold no record", Args: cobra.NoArgs,
		Long: "Runs a witness (C2SP tlog-witness) until it is interrupted. `tims witness init` makes its key first, deploy/witness.toml is\n" +
			"an example, docs/operations/witness.md the manual. Exit code 0 after an interrupt or SIGTERM, 1 if it cannot go on, 2 if the\n" +
			"configuration is wrong."}
	config := c.Flags().String("config", "", "configuration, a TOML file")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return misused("%q is no command of %s", args[0], c.CommandPath())
		}
		if err := required(c, "config"); err != nil {
			return err
		}
		cfg, err := readWitnessConfig(*config)
		if err != nil {
			return err
		}
		return serveWitness(c.Context(), cfg, journalOf(c.ErrOrStderr(), cfg.level, cfg.Journal.Format))
	}
	c.AddCommand(witnessInitCommand(), witnessEvidenceCommand())
	return c
}

// readWitnessConfig reads a configuration and the files that it names. Paths in it are seen from the directory that it lies in.
func readWitnessConfig(path string) (witnessConfig, error) {
	var c witnessConfig
	if err := decodeTOML(path, &c); err != nil {
		return c, err
	}
	from := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(path), *p)
		}
	}
	for _, p := range []*string{&c.Dir, &c.Cert, &c.Key, &c.Logs} {
		from(p)
	}
	for i := range c.Countries {
		from(&c.Countries[i].Founding)
	}
	if err := c.check(); err != nil {
		return c, misused("%s: %w", path, err)
	}
	return c, nil
}

func (c *witnessConfig) check() (err error) {
	switch {
	case c.Dir == "":
		return misused("dir: the directory of the witness is missing")
	case (c.Cert == "") != (c.Key == ""):
		return misused("cert and key come together")
	case c.Logs == "" && len(c.Countries) == 0:
		return misused("logs, [[country]]: a witness cosigns the logs that one of them names")
	case !slices.Contains([]string{"", "text", "json"}, c.Journal.Format):
		return misused("journal.format %q is neither text nor json", c.Journal.Format)
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return misused("listen %q: give host:port", c.Listen)
	}
	if c.Journal.Level != "" {
		if err := c.level.UnmarshalText([]byte(c.Journal.Level)); err != nil {
			return misused("journal.level %q is none of debug, info, warn, error", c.Journal.Level)
		}
	}
	return nil
}

// known reads whose logs are cosigned.
func (c *witnessConfig) known() error {
	if c.Logs != "" {
		b, err := readFile(c.Logs, maxConfig)
		if err != nil {
			return err
		}
		if c.logs, err = proof.ParseLogs(b); err != nil {
			return misused("%s: %w", c.Logs, err)
		}
	}
	for _, country := range c.Countries {
		hash, err := parseHash(country.Hash)
		if err != nil {
			return misused("country.hash: %w", err)
		}
		f, err := readFounding(country.Founding, hash)
		if err != nil {
			return err
		}
		c.countries = append(c.countries, f)
	}
	return nil
}

// serveWitness runs a witness until ctx ends.
func serveWitness(ctx context.Context, cfg witnessConfig, journal *slog.Logger) (err error) {
	if err := cfg.known(); err != nil {
		return err
	}
	signer, vkey, err := keyring.OpenCosigner(filepath.Join(cfg.Dir, witnessKey))
	if errors.Is(err, os.ErrNotExist) {
		return misused("%s holds no witness; `tims witness init` makes one", cfg.Dir)
	}
	if err != nil {
		return err
	}
	w, err := witness.Open(witness.Options{Dir: cfg.Dir, Signer: signer, Key: vkey, Logs: cfg.logs, Countries: cfg.countries, Journal: journal})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listener of the witness: %w", err)
	}
	if cfg.Cert != "" {
		cert, err := tls.LoadX509KeyPair(cfg.Cert, cfg.Key)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}})
	}
	journal.Info("witness runs", "vkey", vkey, "listen", l.Addr().String(), "logs", len(cfg.logs), "countries", len(cfg.countries), "version", version)
	err = web.Serve(ctx, l, w.Handler())
	journal.Info("witness ended")
	return err
}

// witnessNames are names that every reader of a note takes: no blank, no plus (C2SP signed-note). A schema-less URL is asked for.
var witnessNames = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*\.[a-z0-9-]+(/[A-Za-z0-9._~-]+)*$`)

func witnessInitCommand() *cobra.Command {
	c := &cobra.Command{Use: "init --dir DIR --name NAME", Short: "Make a witness's directory and key, and print its verifier key", Args: cobra.NoArgs,
		Long: "Makes the directory with a new key in it, readable by its owner alone, and prints the verifier key (vkey) for the policy files of\n" +
			"those who shall trust this witness. The name is an address that is the witness's own, such as witness.court.example; nothing needs\n" +
			"to answer there. Never restore the directory from a backup: make a new one, and tell the new vkey."}
	dir := c.Flags().String("dir", "", "directory to make")
	name := c.Flags().String("name", "", "name of the witness, such as witness.court.example")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "name"); err != nil {
			return err
		}
		if !witnessNames.MatchString(*name) {
			return misused("--name %q: a name such as witness.court.example or court.example/witness", *name)
		}
		var vkey string
		if err := fresh(*dir, func() (err error) {
			vkey, err = keyring.CreateCosigner(filepath.Join(*dir, witnessKey), *name)
			return err
		}); err != nil {
			return err
		}
		return tell(c, *asJSON, map[string]string{"vkey": vkey}, func(w io.Writer) { fmt.Fprintln(w, vkey) })
	}
	return c
}
