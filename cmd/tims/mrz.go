package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tims/internal/mrz"
)

func mrzCommand() *cobra.Command {
	return &cobra.Command{Use: "mrz", Short: "Read machine-readable zones: JSON lines in, JSON lines out",
		Long: "Reads objects with \"id\" and \"lines\" (the zone as read, already split) from standard input, one a line, and writes one\n" +
			"object a line with id, format, valid, fields, checks, errors, warnings and faults. A line that is no such object is named\n" +
			"on standard error, the others are read, and the exit code is 1.", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			bad, err := readZones(c.InOrStdin(), c.OutOrStdout(), func(line int, why string) {
				fmt.Fprintf(c.ErrOrStderr(), "tims: line %d: %s\n", line, why)
			})
			if err == nil && bad > 0 {
				return errFound
			}
			return err
		}}
}

// readZones answers each line as soon as no further one waits, so that another program may ask and wait. What is wrong with a
// line is said without its content.
func readZones(in io.Reader, out io.Writer, fault func(line int, why string)) (bad int, err error) {
	r, w := bufio.NewReaderSize(in, maxZoneLine), bufio.NewWriter(out)
	answer := json.NewEncoder(w)
	answer.SetEscapeHTML(false) // the filler is "<"
	for line := 1; ; line++ {
		raw, err := r.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return bad, errors.Join(fmt.Errorf("read line %d: %w", line, err), w.Flush())
		}
		end := err != nil
		switch report, why := readZone(raw, long); {
		case why != "":
			bad++
			fault(line, why)
		case report != nil:
			if err := answer.Encode(report); err != nil {
				return bad, err
			}
		}
		if end || r.Buffered() == 0 {
			if err := w.Flush(); err != nil || end {
				return bad, err
			}
		}
	}
}

// readZone reads one line; a blank one is nothing.
func readZone(raw []byte, long bool) (report *mrz.Report, why string) {
	if long {
		return nil, fmt.Sprintf("longer than %d bytes", maxZoneLine)
	}
	blank := true
	for _, b := range raw {
		blank = blank && (b == ' ' || b == '\t' || b == '\r' || b == '\n')
	}
	if blank {
		return nil, ""
	}
	var ask struct {
		ID    *string   `json:"id"`
		Lines *[]string `json:"lines"`
	}
	if err := json.Unmarshal(raw, &ask); err != nil || ask.ID == nil || ask.Lines == nil {
		return nil, `not a JSON object with "id", a text, and "lines", a list of texts`
	}
	answer := mrz.Parse(*ask.Lines).Report(*ask.ID)
	return &answer, ""
}
