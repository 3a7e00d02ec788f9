package node

import (
	"crypto/rand"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/seal"
)

// sealedSize is how long a content is in the leaf.
func sealedSize(t *testing.T, p record.Part, content any) int {
	t.Helper()
	s, err := seal.Seal(rand.Reader, seal.Address{Origin: "al/kakavija/1", Part: byte(p)}, roomOf(p), record.Marshal(content))
	if err != nil {
		t.Fatal(err)
	}
	return len(s.Body)
}

// Whether somebody has a visa, until when, and whether his birth date is known does not show.
func TestSlipHasOneLength(t *testing.T) {
	const most = 1<<16 - 1
	longest := record.SlipPart{Direction: border.Exit, Happened: 1 << 50, Day: most, Basis: 10, Nationality: "GBR", Until: most, StayKey: most,
		PersonTag: make([]byte, 32), VisaDays: most, VisaEntries: most, VisaFrom: most}
	for what, s := range map[string]record.SlipPart{"nothing": {}, "a citizen": {Direction: border.Entry, Basis: border.Citizen, Nationality: "ALB", StayKey: 1},
		"all fields": longest} {
		if got := sealedSize(t, record.Slip, s); got != 180 {
			t.Errorf("%s: %d bytes", what, got)
		}
	}
}

// A traveller who is on two lists, with the findings that go with it, has a police part of the length of everybody's.
func TestHitsDoNotShow(t *testing.T) {
	hit := border.Hit{AlertID: "ofac-sdn:36021", List: "ofac-sdn", Action: border.ActInform, Score: 0.973612345}
	for _, part := range []string{"primary", "secondary", "birth", "nationality", "sex"} {
		hit.Reasons = append(hit.Reasons, border.HitReason{Part: part})
	}
	old := []border.Finding{{Code: border.ListOld}, {Code: border.PostsOld}}
	hits := append([]border.Finding{{Code: border.AlertHit}}, old...)
	for _, c := range []struct {
		hits     []border.Hit
		findings []border.Finding
		want     int
	}{{nil, nil, 268}, {nil, old, 268}, {[]border.Hit{hit}, hits, 268}, {[]border.Hit{hit, hit}, hits, 268}, {[]border.Hit{hit, hit, hit}, hits, 396}} {
		v := View{Check: border.Check{Hits: c.hits}, Advice: border.Advice{Findings: c.findings}}
		if got := sealedSize(t, record.Police, policePart(v, "")); got != c.want {
			t.Errorf("%d hits, %d findings: %d bytes, want %d", len(c.hits), len(c.findings), got, c.want)
		}
	}
}
