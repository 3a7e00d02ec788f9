package demo_test

import (
	"context"
	"testing"
	"time"

	"tims/internal/demo"
)

func TestStartup(t *testing.T) {
	began := time.Now()
	c, err := demo.Start(demo.Options{Listen: "127.0.0.1:18400", Seed: 1, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start %v", time.Since(began))
	tr, err := c.NewTraffic(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("traffic %v", time.Since(began))
	_ = tr
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("closed %v", time.Since(began))
}
