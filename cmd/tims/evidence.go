package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/tlog"
)

// Files of one log below the directory that `tims evidence write` makes. The notes are C2SP signed notes: any program that knows
// those checks their signatures under vkey. The JSON is what `tims evidence check` reads.
const (
	evidenceFile = "evidence.json"
	smallerFile  = "smaller.note"
	largerFile   = "larger.note"
	vkeyFile     = "vkey"
)

func evidenceCommand() *cobra.Command {
	c := &cobra.Command{Use: "evidence", Short: "Write what convicts a log's key as files for a court; check such a file"}
	c.AddCommand(evidenceWriteCommand(), evidenceCheckCommand())
	return c
}

// writtenEvidence is what `tims evidence write` says of one log.
type writtenEvidence struct {
	node.FrozenLog
	Larger uint64 `json:"larger"` // size of the larger checkpoint
	Dir    string `json:"dir"`
}

func evidenceWriteCommand() *cobra.Command {
	c := &cobra.Command{Use: "write DIR --to DIR2", Short: "Write the evidence against every frozen log that a node holds",
		Long: "For each log of the node in DIR whose key has signed two histories, writes DIR2/HEX/, with HEX the SHA-256 of the log's\n" +
			"origin: smaller.note and larger.note (the two signed checkpoints), evidence.json (both with the proof that one does not\n" +
			"continue the other) and vkey (the key that signed both). No traveller is in them. The node may run meanwhile.\n" +
			"Exit code 0: done, also where no log is frozen; 1: it could not be read or written; 2: misused.", Args: cobra.ExactArgs(1)}
	to := c.Flags().String("to", "", "directory to write below")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := required(c, "to"); err != nil {
			return err
		}
		if !isNode(args[0]) {
			return misused("%s is not the directory of a node", args[0])
		}
		all, err := node.Convictions(args[0])
		if err != nil {
			return err
		}
		out := struct {
			Frozen []writtenEvidence `json:"frozen"`
		}{[]writtenEvidence{}}
		for _, one := range all {
			var larger uint64
			if one.Evidence != nil {
				_, larger = one.Evidence.Sizes()
			}
			w := writtenEvidence{one.FrozenLog, larger, filepath.Join(*to, tlog.DirName(one.Origin))}
			if err := writeEvidence(w.Dir, one); err != nil {
				return err
			}
			out.Frozen = append(out.Frozen, w)
		}
		return tell(c, *asJSON, out, func(w io.Writer) {
			if len(out.Frozen) == 0 {
				fmt.Fprintln(w, "No log is frozen here.")
			}
			for _, f := range out.Frozen {
				if f.Code == record.TwoEpochs {
					fmt.Fprintf(w, "%s: %s. Written to %s.\n", f.Origin, f.What, f.Dir)
					continue
				}
				fmt.Fprintf(w, "%s: checkpoints of %d and of %s contradict each other. Written to %s.\n", f.Origin, f.Below, many(f.Larger, "record"), f.Dir)
			}
		})
	}
	return c
}

func writeEvidence(dir string, one node.Conviction) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var files map[string][]byte
	if two := one.Statements; two != nil {
		files = map[string][]byte{"first.epoch": record.Marshal(two.First), "second.epoch": record.Marshal(two.Second),
			"identity": []byte(one.Key + "\n")}
	} else {
		files = map[string][]byte{evidenceFile: append(one.Evidence.Encode(), '\n'), smallerFile: one.Evidence.Theirs,
			largerFile: one.Evidence.Ours, vkeyFile: []byte(one.Key + "\n")}
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// checkedEvidence is what `tims evidence check` found.
type checkedEvidence struct {
	Origin   string `json:"origin"`
	Smaller  uint64 `json:"smaller"`
	Larger   uint64 `json:"larger"`
	Convicts bool   `json:"convicts"`
	Why      string `json:"why,omitempty"` // why it does not
}

func evidenceCheckCommand() *cobra.Command {
	c := &cobra.Command{Use: "check FILE --key VKEY", Short: "Say whether a file of evidence convicts a log's key",
		Long: "FILE is an evidence.json, or the evidence in an alarm's record. VKEY is the log's verifier key, known from elsewhere: the\n" +
			"one that comes with the file proves nothing about whose it is. Nothing else is asked: no node, no network, no trust.\n" +
			"Exit code 0: whoever had that key signed two histories; 1: the file does not show it; 2: misused.", Args: cobra.ExactArgs(1)}
	key := c.Flags().String("key", "", "verifier key of the log: NAME+HASH+KEY, as in the file vkey of an export")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := required(c, "key"); err != nil {
			return err
		}
		pins, err := readPins([]string{*key})
		if err != nil {
			return err
		}
		b, err := readFile(args[0], tlog.MaxEvidence)
		if err != nil {
			return err
		}
		var out checkedEvidence
		for origin, vkey := range pins {
			out = judgeEvidence(b, origin, vkey)
		}
		if err := tell(c, *asJSON, out, out.text); err != nil || out.Convicts {
			return err
		}
		return errFound
	}
	return c
}

func judgeEvidence(b []byte, origin, vkey string) checkedEvidence {
	out := checkedEvidence{Origin: origin}
	e, err := tlog.DecodeEvidence([]byte(strings.TrimSpace(string(b))))
	if err == nil {
		err = e.Check(vkey)
	}
	if err != nil {
		out.Why = err.Error()
		return out
	}
	out.Smaller, out.Larger = e.Sizes()
	out.Convicts = true
	return out
}

func (r checkedEvidence) text(w io.Writer) {
	if r.Convicts {
		fmt.Fprintf(w, "Convicts: the key of %s signed a tree of %s and a tree of %d of which the first is no beginning.\n", r.Origin,
			many(r.Smaller, "record"), r.Larger)
		return
	}
	fmt.Fprintf(w, "Does NOT convict the key of %s: %s.\n", r.Origin, r.Why)
}
