package station_test

import (
	"net/http"
	"testing"

	"tims/internal/node"
)

// The supervisor cuts a post off from the centres and is told so on every page; without a mirror that answers it stays so.
func TestIsolationPage(t *testing.T) {
	c, _ := found(t)
	officer, supervisor := c.Browser(), c.Browser()
	officer.Enter("A. Hoxha", "K1")
	supervisor.Enter("S. Prifti", "K2")
	if got := officer.Get("/isolation"); got.Status != http.StatusForbidden {
		t.Errorf("an officer's page of isolation: %d", got.Status)
	}
	if got := officer.Post("/isolation", "reason", "order 17"); got.Status != http.StatusForbidden || c.Post.Isolated() != nil {
		t.Errorf("an officer isolates his post: %d", got.Status)
	}
	supervisor.Get("/isolation").Has(t, "keeps its neighbours", "Isolate this node")
	if got := supervisor.Post("/isolation", "reason", " "); got.Status != http.StatusUnprocessableEntity || c.Post.Isolated() != nil {
		t.Errorf("without a reason: %d", got.Status)
	}
	if got := supervisor.Post("/isolation", "end", "1", "reason", "order 18"); got.Status != http.StatusConflict {
		t.Errorf("the end of nothing: %d", got.Status)
	}
	supervisor.Post("/isolation", "reason", "order 17").Has(t, "This post is isolated from the centres", "S. Prifti", "order 17")
	if i := c.Post.Isolated(); i == nil || i.Scope != node.AloneFromCentres || i.By != "S. Prifti" {
		t.Fatalf("%+v", i)
	}
	officer.Get("/").Has(t, "Isolated from the centres on purpose")
	if got := supervisor.Post("/isolation", "reason", "order 17"); got.Status != http.StatusConflict {
		t.Errorf("isolated twice: %d", got.Status)
	}
	supervisor.Post("/isolation", "end", "1", "reason", "order 18").Has(t, "being compared with the mirrors")
	if i := c.Post.Isolated(); i == nil || !i.Proving {
		t.Errorf("no mirror has answered, and it is %+v", i)
	}
}
