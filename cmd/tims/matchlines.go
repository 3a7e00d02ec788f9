package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// An answered is what became of one line, or the end of reading.
type answered struct {
	answer matchAnswer
	took   time.Duration
	err    error // of reading: nothing comes after it
}

// A stream hands out answers in the order of the lines.
type stream struct {
	next chan chan answered
}

// waiting reports whether another line has been read: as long as none has, answers must not be held back.
func (s stream) waiting() bool { return len(s.next) > 0 }

// inOrder reads lines, has workers answer them side by side, and keeps their order. Blank lines are nothing. It holds a
// bounded number of lines, whatever the input.
func inOrder(ctx context.Context, in io.Reader, longest, workers int, work func(line int, raw []byte, long bool) answered) stream {
	type job struct {
		line int
		raw  []byte
		long bool
		done chan answered
	}
	jobs, next := make(chan job, 8*workers), make(chan chan answered, 16*workers)
	for range workers {
		go func() {
			for j := range jobs {
				j.done <- work(j.line, j.raw, j.long)
			}
		}()
	}
	go func() {
		defer close(next)
		defer close(jobs)
		err := eachLine(in, longest, func(line int, raw []byte, long bool) error {
			done := make(chan answered, 1)
			select {
			case next <- done:
			case <-ctx.Done():
				return ctx.Err()
			}
			jobs <- job{line, slices.Clone(raw), long, done} // a worker is never stuck: done has room
			return nil
		})
		if err == nil || ctx.Err() != nil {
			return
		}
		end := make(chan answered, 1)
		end <- answered{err: err}
		select {
		case next <- end:
		case <-ctx.Done():
		}
	}()
	return stream{next}
}

// eachLine calls with every line that is not blank, numbered from 1; of a line that is too long raw is empty.
func eachLine(in io.Reader, longest int, each func(line int, raw []byte, long bool) error) error {
	r := bufio.NewReaderSize(in, longest)
	for line := 1; ; line++ {
		raw, err := r.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			raw = nil
			_, err = r.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read line %d: %w", line, err)
		}
		if long || !blankLine(raw) {
			if err := each(line, raw, long); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

func blankLine(raw []byte) bool {
	for _, b := range raw {
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return false
		}
	}
	return true
}

// writeAnswers writes each answer as soon as no further line waits, so that another program may ask and wait.
func writeAnswers(out io.Writer, s stream) (bad int, took []time.Duration, err error) {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for done := range s.next {
		a := <-done
		if a.err != nil {
			return bad, took, errors.Join(a.err, w.Flush())
		}
		if a.answer.Error != "" {
			bad++
			err = enc.Encode(badLine{a.answer.ID, a.answer.Line, a.answer.Error})
		} else {
			took = append(took, a.took)
			err = enc.Encode(a.answer)
		}
		if err == nil && !s.waiting() {
			err = w.Flush()
		}
		if err != nil {
			return bad, took, err
		}
	}
	return bad, took, w.Flush()
}

// A badLine answers a line that could not be read.
type badLine struct {
	ID    json.RawMessage `json:"id,omitempty"`
	Line  int             `json:"line"`
	Error string          `json:"error"`
}

// tellStats tells what answering cost. Times of queries are of the match alone; the rate is of all work.
func (f *matchFlags) tellStats(w io.Writer, took []time.Duration, wall, processor time.Duration) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Fprintf(w, "load %.2f s, index %.2f s, memory %d MiB in use of %d MiB\n", f.load.Seconds(), f.build.Seconds(), m.HeapAlloc>>20, m.Sys>>20)
	n := len(took)
	if n == 0 {
		return
	}
	slices.Sort(took)
	at := func(permille int) float64 { return float64(took[min(n-1, n*permille/1000)].Microseconds()) / 1000 }
	fmt.Fprintf(w, "queries %s in %.2f s, %.0f a second, p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, processor %.2f ms a query\n",
		thousands(n), wall.Seconds(), float64(n)/wall.Seconds(), at(500), at(900), at(990), 1000*processor.Seconds()/float64(n))
}

// processorTime is what this process has used of all processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
