package node_test

import (
	"testing"
	"testing/synctest"
	"time"
	"tims/internal/border"
)

func TestQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija", "durres", "morina")
		at := time.Now()
		step := func(what string, err error) {
			if err != nil {
				t.Fatal(what, err)
			}
			t.Log(what, time.Since(at))
			if err := c.invariants(); err != nil {
				t.Fatal(what, err)
			}
		}
		step("cross", c.cross("kakavija", 20, border.Entry))
		c.settle()
		step("settle", nil)
		time.Sleep(72 * time.Hour)
		step("wait", nil)
		step("exit", c.cross("durres", 3, border.Exit))
	})
}
