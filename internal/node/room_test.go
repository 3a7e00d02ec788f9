package node

import "testing"

// Eight captured identity keys used to fill the room for all. Now every other node of a country of forty finds room for its epochs.
func TestCapturedKeysLeaveRoom(t *testing.T) {
	for _, c := range []struct {
		held, his int
		want      bool
	}{{0, 0, true}, {255, 63, true}, {255, 64, false}, {256, 7, true}, {256, 8, false}, {511, 0, true}, {512, 0, false}} {
		if got := room(c.held, c.his); got != c.want {
			t.Errorf("%d held, %d of one node: %t", c.held, c.his, got)
		}
	}
	held := 0
	for range 8 { // captured
		for his := 0; room(held, his); his++ {
			held++
		}
	}
	for other := range 24 {
		for his := range 8 {
			if !room(held, his) {
				t.Fatalf("node %d finds no room for its epoch %d", other, his+1)
			}
			held++
		}
	}
}
