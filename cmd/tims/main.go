// Command tims is the whole of TIMS in one binary: a node of any role, the tools of its operators, and a demonstration.
//
// Exit codes: 0 done, 1 found wrong or failed, 2 misused.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set when a release is built.
var version = "development"

// errMisused marks errors of whoever typed the command: exit code 2.
type errMisused struct{ error }

func (e errMisused) Unwrap() error { return e.error }

// misused says what to type instead.
func misused(format string, args ...any) error { return errMisused{fmt.Errorf(format, args...)} }

// errFound says that a command did its work and found something wrong: exit code 1, and all is said already.
var errFound = errors.New("found wrong")

func main() {
	syscall.Umask(0o077) // what a node writes is for its user alone
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main as a value: tests call it.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	var misuse errMisused
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFound):
		return 1
	case errors.As(err, &misuse):
		fmt.Fprintf(errOut, "tims: %v\nTry `tims help`.\n", err)
		return 2
	}
	fmt.Fprintf(errOut, "tims: %v\n", err)
	return 1
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{Use: "tims", Short: "An open border entry/exit system", Version: version,
		SilenceUsage: true, SilenceErrors: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}}
	root.AddCommand(foundCommand(), joinCommand(), rebuildCommand(), serveCommand(), witnessCommand(), linkCommand(), officerCommand(), certificateCommand(), rosterCommand(), alertsCommand(), sheetsCommand(),
		verifyCommand(), scrubCommand(), verifyReceiptCommand(), exportCommand(), evidenceCommand(), parcelCommand(), isolateCommand(), rejoinCommand(), mrzCommand(), matchCommand(), generateCommand(), demoCommand(), drillCommand(), versionCommand())
	root.SetHelpCommand(helpCommand())
	misuseFlags(root)
	return root
}

// tooManyOrFew says how a command is used, where check refused the arguments.
func tooManyOrFew(c *cobra.Command, args []string, check cobra.PositionalArgs) error {
	_, use, _ := strings.Cut(c.Use, " ")
	use = strings.TrimSpace(c.CommandPath() + " " + use)
	if len(args) == 0 || check(c, append(args[:len(args):len(args)], "")) == nil {
		return misused("something is missing: %s", use)
	}
	return misused("%q is too much: %s", args[len(args)-1], use)
}

// misuseFlags turns what cobra says of wrong flags and arguments into misuse.
func misuseFlags(c *cobra.Command) {
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return errMisused{err} })
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if check(c, args) != nil {
				return tooManyOrFew(c, args, check)
			}
			return nil
		}
	}
	if c.HasSubCommands() {
		c.Args = cobra.ArbitraryArgs
		if c.RunE == nil && c.Run == nil {
			c.RunE = func(c *cobra.Command, args []string) error {
				if len(args) > 0 {
					return misused("%q is no command of %s", args[0], c.CommandPath())
				}
				c.SetOut(c.ErrOrStderr())
				return errors.Join(misused("say which command of %s", c.CommandPath()), c.Help())
			}
		}
	}
	for _, sub := range c.Commands() {
		misuseFlags(sub)
	}
}
