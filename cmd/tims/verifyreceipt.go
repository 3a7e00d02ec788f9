package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// receiptReport is what `tims verify-receipt` found.
type receiptReport struct {
	Proven bool   `json:"proven"`
	Why    string `json:"why,omitempty"` // not
	// Promised: the log's key has signed this receipt; without a proof that is all that is known.
	Promised bool `json:"promised,omitempty"`
	Mirrored bool `json:"mirrored"` // with a founding: mirrors in two other places have signed
	proof.Report
	// Unpinned: the founding's identity keys vouch, and nobody compared the founding with the hash given by hand.
	Unpinned bool   `json:"founding_not_compared,omitempty"`
	DayFrom  string `json:"day_from,omitempty"` // civil dates that enclose the record
	DayTo    string `json:"day_to,omitempty"`
	zone     *time.Location
}

func verifyReceiptCommand() *cobra.Command {
	c := &cobra.Command{Use: "verify-receipt FILE|-", Short: "Check off line that the record of a receipt stands in its log",
		Long: "FILE is a proof (C2SP tlog-proof) that a portal gave for a receipt or a published count; - reads it from standard input.\n" +
			"The text of a receipt alone (TIMS2:…) is judged too, with --policy: whether the log's key has promised the record. A promise\n" +
			"whose record is not in the log is evidence that it was erased.\n" +
			"No network is used. Whose keys count is said by --policy (C2SP tlog-policy: logs, witnesses, quorum), by --founding (the\n" +
			"country's founding: the identity keys in it vouch for the logs and copies named in FILE), or by both.\n" +
			"Exit code 0: the record stands in the log, and the quorum of the policy has signed; 1: it is not proven; 2: misused.", Args: cobra.ExactArgs(1)}
	policy := c.Flags().String("policy", "", "policy file (C2SP tlog-policy)")
	founding := c.Flags().String("founding", "", "file of the founding, as \"tims found\" hands it out")
	hash := c.Flags().String("hash", "", "with --founding: the founding hash as it was given by hand, 64 hexadecimal digits")
	changes := c.Flags().String("changes", "", "with --founding: file of the approved changes since (tims roster export)")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		trust, zone, err := readTrust(*policy, *founding, *hash, *changes)
		if err != nil {
			return err
		}
		b, err := readProof(c.InOrStdin(), args[0])
		if err != nil {
			return err
		}
		r := judge(b, trust)
		r.zone, r.Unpinned = zone, *founding != "" && *hash == ""
		r.DayFrom, r.DayTo = r.Days(zone)
		if err := tell(c, *asJSON, r, r.text); err != nil || r.Proven {
			return err
		}
		return errFound
	}
	return c
}

// readTrust reads whose keys count, and the time zone of the country (UTC without a founding).
func readTrust(policy, founding, hash, changes string) (t proof.Trust, zone *time.Location, err error) {
	zone = time.UTC
	switch {
	case policy == "" && founding == "":
		return t, zone, misused("say whose keys count: --policy FILE, --founding FILE, or both")
	case founding == "" && (hash != "" || changes != ""):
		return t, zone, misused("--hash and --changes go with --founding")
	}
	if policy != "" {
		b, err := readFile(policy, maxConfig)
		if err != nil {
			return t, zone, err
		}
		if t.Policy, err = proof.ParsePolicy(b); err != nil {
			return t, zone, misused("%s: %w", policy, err)
		}
	}
	if founding == "" {
		return t, zone, nil
	}
	if t.State, err = readState(founding, hash, changes); err != nil {
		return t, zone, err
	}
	zone, err = time.LoadLocation(t.State.Founding.TimeZone)
	return t, zone, err
}

// readState reads a founding with the changes since, in which every approval is counted again.
func readState(founding, hash, changes string) (*roster.State, error) {
	b, err := readFile(founding, maxFounding)
	if err != nil {
		return nil, err
	}
	var f roster.Founding
	if err := errors.Join(record.Unmarshal(b, &f), f.Valid()); err != nil {
		return nil, misused("%s is not a founding", founding)
	}
	if hash != "" {
		want, err := parseHash(hash)
		if err != nil {
			return nil, err
		}
		if f.Hash() != want {
			return nil, fmt.Errorf("%s is not the founding whose hash was given: it may be another country's, or forged", founding)
		}
	}
	s, err := roster.Begin(f)
	if err != nil || changes == "" {
		return s, err
	}
	list, err := readChanges(changes)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if s, err = s.Apply(c, 0); err != nil {
			return nil, fmt.Errorf("%s: %w", changes, err)
		}
	}
	return s, nil
}

func readProof(in io.Reader, path string) ([]byte, error) {
	if path != "-" {
		return readFile(path, proof.MaxFile)
	}
	b, err := io.ReadAll(io.LimitReader(in, proof.MaxFile+1))
	if err == nil && len(bytes.TrimSpace(b)) == 0 {
		return nil, misused("there is nothing on standard input")
	}
	if errors.Is(err, fs.ErrClosed) || errors.Is(err, os.ErrInvalid) {
		return nil, misused("standard input cannot be read")
	}
	return b, err
}

// judge says whether the proof holds for those keys.
func judge(b []byte, t proof.Trust) receiptReport {
	r := receiptReport{}
	if receipt, err := seal.ParseReceipt(string(b)); err == nil {
		return judgePromise(receipt, t)
	}
	var err error
	r.Report, err = proof.Verify(b, t)
	r.Mirrored = r.Report.Mirrored()
	if r.Signers == nil {
		r.Signers = []proof.Signer{}
	}
	switch {
	case err != nil:
		r.Why = err.Error()
	case r.Quorum != nil && !*r.Quorum:
		r.Why = "the log has signed, and those who cosigned are not the quorum of the policy"
	default:
		r.Proven = true
	}
	return r
}

// judgePromise judges a receipt without a proof.
func judgePromise(receipt seal.Receipt, t proof.Trust) receiptReport {
	r := receiptReport{Report: proof.Report{Origin: receipt.Origin, Index: receipt.Index, LeafHash: fmt.Sprintf("%x", receipt.LeafHash()),
		Receipt: true, Code: receipt.Opening.Code(), Signers: []proof.Signer{}}}
	switch {
	case t.Policy == nil:
		r.Why = "this is a receipt without a proof: fetch the proof at a portal, or give the log's key with --policy"
	case !proof.Promised(receipt, t.Policy):
		r.Why = "this receipt is not signed by a log of the policy"
	default:
		r.Promised = true
		r.Why = "the log's key has promised this record; whether it stands in the log, only a proof tells. Fetch one at a portal. If the\n" +
			"log has no such record, this receipt is evidence that it was erased: keep it"
	}
	return r
}

func (r receiptReport) text(w io.Writer) {
	if !r.Proven {
		fmt.Fprintf(w, "NOT proven: %s.\n", r.Why)
		return
	}
	defer func() {
		if r.Unpinned {
			fmt.Fprintln(w, "Nobody compared the founding: give --hash with the founding hash as it was given by hand, to know that it is this country's.")
		}
	}()
	what := "A record"
	switch {
	case r.Receipt:
		what = "The record of this receipt"
	case r.Status != nil:
		what = "This count"
	}
	fmt.Fprintf(w, "%s stands in the log.\n  Log:    %s\n  Record: %s of %s\n  Hash:   %s\n", what, r.Origin, thousands(r.Index), thousands(r.Size), r.LeafHash)
	if r.Receipt {
		fmt.Fprintf(w, "  Code:   %s\n", r.Code)
	}
	if s := r.Status; s != nil {
		fmt.Fprintf(w, "  Counts: %d entries, %d exits, %d refusals, %d vehicles, %s to %s\n", s.Entries, s.Exits, s.Refusals, s.Vehicles,
			r.moment(s.From), r.moment(s.To))
	}
	fmt.Fprintf(w, "  Time:   %s\n", r.when())
	fmt.Fprintf(w, "  Flags:  %s\n", r.flags())
	if len(r.Signers) == 0 {
		fmt.Fprintln(w, "  Kept by the log's own node; no copy that you trust has signed.")
	}
	for _, s := range r.Signers {
		fmt.Fprintf(w, "  Copy:   %s, signed %s\n", s.Name, r.moment(s.At))
	}
}

// flags names how far the record was known to be safe when the proof was made, as far as the keys given can tell.
func (r receiptReport) flags() string {
	out := "local"
	if r.Mirrored {
		out += ", mirrored (" + strings.Join(r.Places, ", ") + ")"
	}
	if r.Quorum != nil {
		out += ", quorum of the policy"
	}
	return out
}

func (r receiptReport) moment(ms int64) string {
	return time.UnixMilli(ms).In(r.zone).Format("2006-01-02 15:04:05 MST")
}

// when says between which signed times the record was written.
func (r receiptReport) when() string {
	switch {
	case r.After == 0 && r.Before == 0:
		return "no signed time in this proof"
	case r.After == 0:
		return "before " + r.moment(r.Before)
	case r.Before == 0:
		return "after " + r.moment(r.After)
	case r.After == r.Before:
		return r.moment(r.After)
	}
	return "between " + r.moment(r.After) + " and " + r.moment(r.Before)
}
