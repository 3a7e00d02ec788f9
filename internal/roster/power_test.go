package roster

import (
	"slices"
	"testing"
)

// Who may do what is a promise: the table is written out a second time, by duty, so that no edit of one alone passes.
func TestPowers(t *testing.T) {
	all := []Power{CheckTravellers, DecideReferrals, ReadPost, RunPost, TypePaper, SendMessages, ReadMessages, AssentToActs,
		SearchCountry, ReadFigures, EditAlerts, ReadHits, IsolateNode, RunNode}
	if len(powers) != len(all) {
		t.Errorf("%d powers, want %d", len(powers), len(all))
	}
	for duty, want := range map[Duty][]Power{
		BoothOfficer:  {CheckTravellers, TypePaper, ReadMessages, AssentToActs},
		SecondLine:    {CheckTravellers, DecideReferrals, TypePaper, ReadMessages, AssentToActs},
		Supervisor:    {ReadPost, RunPost, TypePaper, SendMessages, ReadMessages, AssentToActs, ReadFigures, EditAlerts, IsolateNode},
		Analyst:       {SendMessages, ReadMessages, SearchCountry, ReadFigures, EditAlerts, ReadHits},
		Administrator: {ReadFigures, IsolateNode, RunNode},
		"":            {},
		"chief":       {},
	} {
		o := Officer{Duties: []Duty{duty}}
		for _, p := range append(all, "", "everything") {
			if o.Can(p) != slices.Contains(want, p) {
				t.Errorf("duty %q, power %q: %v", duty, p, o.Can(p))
			}
		}
	}
	if (Officer{}).Can(ReadFigures) {
		t.Error("an officer without duties may read figures")
	}
	if two := (Officer{Duties: []Duty{Administrator, Analyst}}); !two.Can(RunNode) || !two.Can(SearchCountry) || two.Can(CheckTravellers) {
		t.Error("duties do not add up")
	}
}

// The administrator runs the machines. No power by which a traveller could be read, found or decided upon is his.
func TestAdministratorReadsNoTraveller(t *testing.T) {
	admin := Officer{Duties: []Duty{Administrator}}
	for _, p := range []Power{CheckTravellers, DecideReferrals, ReadPost, RunPost, TypePaper, SendMessages, ReadMessages,
		AssentToActs, SearchCountry} {
		if admin.Can(p) {
			t.Errorf("the administrator has the power %q", p)
		}
	}
}
