package post

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"tims/internal/node"
	"tims/internal/station/stationtest"
)

// found is a country whose post has the pages of this package.
func found(t testing.TB) *stationtest.Country {
	t.Helper()
	return stationtest.Found(t, func(n *node.Node) (stationtest.Face, error) {
		return New(n, Options{Label: "Kakavijë", Demo: true, Journal: slog.New(slog.DiscardHandler)})
	})
}

func checkIndex(t testing.TB, a stationtest.Answer) uint64 {
	t.Helper()
	index, err := strconv.ParseUint(strings.TrimPrefix(a.Path, "/check/"), 10, 64)
	if err != nil {
		t.Fatalf("no check at %d %s:\n%s", a.Status, a.Path, stationtest.Plain(a.Body))
	}
	return index
}
