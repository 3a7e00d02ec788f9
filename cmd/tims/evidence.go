package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

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

	// Of two statements for one epoch: both in one file, which `tims evidence check` reads, each alone, and the identity key in hex.
	epochsFile   = "evidence.epochs"
	firstFile    = "first.epoch"
	secondFile   = "second.epoch"
	identityFile = "identity"
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
			"continue the other) and vkey (the key that signed both). Where a node's identity key has signed two statements for one epoch,\n" +
			"the files are first.epoch, second.epoch, evidence.epochs (both) and identity. No traveller is in them. The node may run\n" +
			"meanwhile.\n" +
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
		files = map[string][]byte{epochsFile: record.Marshal(*two), firstFile: record.Marshal(two.First),
			secondFile: record.Marshal(two.Second), identityFile: []byte(one.Key + "\n")}
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
