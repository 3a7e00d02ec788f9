package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// checkedEvidence is what `tims evidence check` found.
type checkedEvidence struct {
	Code     record.LogAlarm `json:"code"`   // what was to be shown: "split-view" or "two-epochs"
	Origin   string          `json:"origin"` // "" where two statements cannot be read
	Smaller  uint64          `json:"smaller"`
	Larger   uint64          `json:"larger"`
	Convicts bool            `json:"convicts"`
	Why      string          `json:"why,omitempty"` // why it does not
}

func evidenceCheckCommand() *cobra.Command {
	c := &cobra.Command{Use: "check FILE [FILE2] --key KEY", Short: "Say whether files of evidence convict a key",
		Long: "Two histories: FILE is an evidence.json, or the evidence in an alarm's record, and KEY the log's verifier key.\n" +
			"Two statements for one epoch: FILE is an evidence.epochs, or the evidence in an alarm's record, or FILE and FILE2 are\n" +
			"first.epoch and second.epoch, and KEY is the node's identity key: 64 hex digits, as in the file identity and the roster.\n" +
			"The key must be known from elsewhere: the one that comes with the files proves nothing about whose it is. Nothing else is\n" +
			"asked: no node, no network, no trust.\n" +
			"Exit code 0: whoever had that key signed both; 1: the files do not show it; 2: misused.", Args: cobra.RangeArgs(1, 2)}
	key := c.Flags().String("key", "", "NAME+HASH+KEY of a log, as in the file vkey of an export; or an identity key in hex")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := required(c, "key"); err != nil {
			return err
		}
		judge, err := judgeBy(*key)
		if err != nil {
			return err
		}
		var files [][]byte
		for _, name := range args {
			b, err := readFile(name, tlog.MaxEvidence)
			if err != nil {
				return err
			}
			files = append(files, b)
		}
		out := judge(files)
		if err := tell(c, *asJSON, out, out.text); err != nil || out.Convicts {
			return err
		}
		return errFound
	}
	return c
}

// judgeBy tells by its spelling whose key it is, a log's or a node's, and gives the judge of files for it.
func judgeBy(key string) (func(files [][]byte) checkedEvidence, error) {
	if id, err := hex.DecodeString(key); err == nil && len(id) == ed25519.PublicKeySize {
		return func(files [][]byte) checkedEvidence { return judgeEpochs(files, id) }, nil
	}
	pins, err := readPins([]string{key})
	return func(files [][]byte) (out checkedEvidence) {
		for origin, vkey := range pins {
			out = judgeHistories(files, origin, vkey)
		}
		return out
	}, err
}

func judgeHistories(files [][]byte, origin, vkey string) checkedEvidence {
	out := checkedEvidence{Code: record.SplitView, Origin: origin}
	if len(files) != 1 {
		out.Why = "two histories are shown by one file"
		return out
	}
	e, err := tlog.DecodeEvidence([]byte(strings.TrimSpace(string(files[0]))))
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

func judgeEpochs(files [][]byte, identity ed25519.PublicKey) checkedEvidence {
	out := checkedEvidence{Code: record.TwoEpochs}
	var two roster.TwoEpochs
	var err error
	if len(files) == 2 {
		if err = record.Unmarshal(files[0], &two.First); err == nil {
			err = record.Unmarshal(files[1], &two.Second)
		}
	} else {
		err = record.Unmarshal(files[0], &two)
	}
	if err == nil {
		out.Origin = two.First.Epoch.Origin
		err = two.Convicts(identity)
	}
	if err != nil {
		out.Why = err.Error()
		return out
	}
	out.Convicts = true
	return out
}

func (r checkedEvidence) text(w io.Writer) {
	whose := "the key of " + r.Origin
	if r.Code == record.TwoEpochs {
		whose = "this identity key"
	}
	switch {
	case !r.Convicts:
		fmt.Fprintf(w, "Does NOT convict %s: %s.\n", whose, r.Why)
	case r.Code == record.TwoEpochs:
		fmt.Fprintf(w, "Convicts: %s signed two different statements for %s.\n", whose, r.Origin)
	default:
		fmt.Fprintf(w, "Convicts: %s signed a tree of %s and a tree of %d of which the first is no beginning.\n", whose,
			many(r.Smaller, "record"), r.Larger)
	}
}
