package forms

import (
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/record"
)

var tirana = time.FixedZone("", 3600)

func noon() time.Time { return time.Date(2026, 11, 21, 22, 41, 5, 0, tirana) }

// document is the specimen of ICAO Doc 9303.
func document(t testing.TB) border.Document {
	t.Helper()
	birth, err := border.ParsePartialDate("1974-08-12")
	if err != nil {
		t.Fatal(err)
	}
	expiry, err := border.ParsePartialDate("2032-04-15")
	if err != nil {
		t.Fatal(err)
	}
	return border.Document{Code: "P", Issuer: "UTO", Number: "L898902C3", Nationality: "UTO", Primary: "ERIKSSON",
		Secondary: "ANNA MARIA", Birth: birth, Sex: "F", Expiry: expiry}
}

func refusal(t testing.TB) Refusal {
	t.Helper()
	return Refusal{Officers: "sq", Travellers: "en", State: "Republika e Shqipërisë", Office: "Policia e Kufirit dhe Migracionit",
		Number: "kakavija 1 70012", Post: "Kakavijë", At: noon(), Document: document(t), From: "GRC", Means: "AA 123 BB",
		Ground: border.NoPurpose, Missing: "hotel booking", Comments: "Refused to sign.", Law: Albania(), Officer: "K-17"}
}

func factSheet(t testing.TB) FactSheet {
	t.Helper()
	day := func(s string) border.Date {
		d, err := border.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return FactSheet{Lang: "en", State: "Republic of Albania", Post: "Kakavijë", Booth: "3", Officer: "K-17", Number: "kakavija 1 70013",
		At: noon(), Document: document(t),
		Stay: border.Stay{Limit: border.Limit{Days: 90, Window: 180}, Figures: border.Figures{Inside: true, Entered: day("2026-08-01"),
			Used: 113, Overstay: 23, OverSince: day("2026-10-30")}, Proven: border.Figures{Overstay: 21},
			Doubts: []border.Doubt{{Code: border.DoubtKnownTo, Node: "rinas", Day: day("2026-11-20")}, {Code: border.DoubtKnownTo, Node: "vlore"},
				{Code: border.DoubtDay, Node: "durres", Day: day("2026-05-02")}}},
		Events: []Event{
			{Direction: border.Entry, Day: day("2026-05-02"), Post: "durres", Record: "durres 1 9", Doubtful: true},
			{Direction: border.Exit, Day: day("2026-05-09"), At: noon().AddDate(0, -6, -12), Post: "kakavija", Record: "kakavija 1 55", ByPerson: true},
			{Direction: border.Entry, Day: day("2026-07-30"), At: noon().AddDate(0, -4, 9), Post: "rinas", Ground: border.NoMeans, Record: "rinas 2 71"},
			{Direction: border.Entry, Day: day("2026-08-01"), At: noon().AddDate(0, -3, -20), Post: "kakavija", Record: "kakavija 1 99", Withdrawn: true},
		},
		Horizons: []border.Horizon{{Node: "kakavija", KnownTo: noon().UnixMilli(), Since: day("2026-01-01")}, {Node: "vlore"}}}
}

func handover() Handover {
	return Handover{Lang: "en", State: "Republic of Albania", Post: "Kakavijë", Number: "kakavija 1 70100", At: noon(),
		Body: record.HandoverBody{From: noon().Add(-8 * time.Hour).UnixMilli(), To: noon().UnixMilli(), Entries: 1201, Exits: 960, Refusals: 3,
			Referrals: 2, Open: 5, Voids: 4, Notes: "Booth 2 is without a reader.\nThe gate counts twice."},
		Booths: []Booth{{Booth: "1", Officer: "K-17", From: noon().Add(-8 * time.Hour), Entries: 700, Exits: 500, Refusals: 3, Referrals: 4,
			Voids: 4, Corrections: 1, Seconds: 14}, {Booth: "2", Officer: "K-18", From: noon().Add(-8 * time.Hour), To: noon(), Entries: 501, Exits: 460}},
		Outages: []Outage{{From: noon().Add(-2 * time.Hour), To: noon().Add(-time.Hour), Officers: "K-17, K-18", Passed: 212, Sheets: 212}},
		Sheets:  SheetFigures{Issued: 500, Used: 212, Void: 3, Missing: 1}, Gives: "S-2", Takes: "S-5"}
}

func printed(t testing.TB, write func(*strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
