package roster

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
)

// A stranger's promise of a large change costs no memory before the bytes come.
func TestChangeGrowsAsBytesCome(t *testing.T) {
	promise := binary.BigEndian.AppendUint32(nil, maxChange)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 64 {
		if _, err := ReadChange(bytes.NewReader(append(promise, 1, 2, 3))); err == nil {
			t.Fatal("half a change is taken")
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d bytes were allocated for 64 promises", grown)
	}
	if _, err := ReadChange(bytes.NewReader(binary.BigEndian.AppendUint32(nil, maxChange+1))); err == nil {
		t.Error("a change over the bound is taken")
	}
}
