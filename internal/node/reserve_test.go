package node

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"tims/internal/tlog"
)

func TestReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "reserve")
		left := func() int64 {
			at, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			return at.Size()
		}
		var r reserve
		r.open(path)
		needs := int64(0) // bytes that the disk lacks
		write := func() (tlog.Appended, error) {
			if reserveSize-left() < needs {
				return tlog.Appended{}, errors.Join(tlog.ErrNotRecorded, tlog.ErrFull)
			}
			return tlog.Appended{}, nil
		}
		step := func(what string, must bool, want error, leaves int64) {
			t.Helper()
			if _, err := r.append(must, write); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
			if left() != leaves {
				t.Errorf("%s leaves %d bytes, want %d", what, left(), leaves)
			}
		}
		step("a crossing with room", false, nil, reserveSize)
		needs = 2*reservePiece + 1
		step("a crossing on a full disk", false, tlog.ErrNotRecorded, reserveSize)
		step("an act that must be recorded", true, nil, reserveSize-3*reservePiece)
		step("a crossing that would take what is left", false, tlog.ErrFull, reserveSize-3*reservePiece)
		needs = reserveSize + 1
		step("an act for which there is no room at all", true, tlog.ErrFull, 0)
		needs = 0
		step("a crossing at once", false, tlog.ErrFull, 0)
		time.Sleep(reserveRetry)
		step("a crossing once there is room", false, nil, reserveSize)

		if err := os.Truncate(path, 5); err != nil {
			t.Fatal(err)
		}
		r = reserve{}
		r.open(path)
		step("after a start", false, nil, reserveSize)
	})
}
