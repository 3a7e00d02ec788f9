package record

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"tims/internal/border"
)

// fill makes recognisable bytes: first, first+1 …
func fill(n int, first byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func sum(first byte) [32]byte { return [32]byte(fill(32, first)) }

func fullLeaf() Leaf {
	return Leaf{
		Version: 1, Kind: Crossing, Act: Act(fill(16, 0xa0)),
		About:   []Ref{{Origin: "al/durres/1", Index: 41}, {Origin: "al/rinas/2", Index: 70_000}},
		Written: 1_785_585_600_000, Clock: Clock{State: Stepped, Since: 1_785_582_000_000}, Floor: 1_785_585_599_000,
		Shift: &Ref{Origin: "al/kakavija/1", Index: 3}, Booth: fill(64, 0),
		Parts: []PartRef{
			{Part: Slip, Commit: sum(0x10), Sealed: sum(0x11), Length: 316},
			{Part: Person, Commit: sum(0x20), Sealed: sum(0x21), Length: 572},
			{Part: Police, Commit: sum(0x30), Sealed: sum(0x31), Length: 316},
			{Part: Media, Commit: sum(0x40), Sealed: sum(0x41), Length: 1 << 19},
		},
		Claim: fill(32, 0xc0),
	}
}

func minimalLeaf() Leaf {
	return Leaf{Version: 1, Kind: Status, Act: Act(fill(16, 0)), Written: 1_785_585_600_000, Floor: 1_785_585_599_000}
}

// bodies has values of every type that stands in a part, and a maker of empty ones. Together the values of a type set each
// of its fields; a value once here is never changed, for its bytes show that records of its day are still read.
var bodies = []struct {
	name  string
	full  any
	empty func() any
}{
	{"shift", &ShiftBody{Officer: [16]byte(fill(16, 1)), Booth: "3", BoothKey: append([]byte{4}, fill(64, 0)...)},
		func() any { return new(ShiftBody) }},
	{"slip", &SlipPart{Direction: border.Entry, Happened: 1_785_585_590_000, Day: 20_666, Basis: border.Visa,
		Nationality: "XKX", Until: 20_700, StayKey: 1, DocumentTag: sum(0x50), PersonTag: fill(32, 0x60),
		VisaDays: 30, VisaEntries: 2, VisaFrom: 20_660}, func() any { return new(SlipPart) }},
	{"slip-least", &SlipPart{Direction: border.Exit, Happened: 1_785_585_590_000, Day: 20_666, Basis: border.Citizen,
		Nationality: "ALB", StayKey: 1, DocumentTag: sum(0x50)}, func() any { return new(SlipPart) }},
	{"person", &PersonPart{Direction: border.Entry, Happened: 1_785_585_590_000, Day: 20_666,
		Document: Document{Code: "P", Issuer: "UTO", Number: "L898902C3", Nationality: "UTO", Primary: "ERIKSSON",
			Secondary: "ANNA MARIA", Birth: "1974-08-12", Sex: "F", Expiry: "2032-04-15",
			Zone: []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3204151ZE184226B<<<<<18"}},
		Decision: border.Refuse, Ground: border.NoPurpose, Basis: border.VisaFree, Until: 20_700,
		Plate: "AA123BB", PlateCountry: "AL", Occupants: 4, Booth: "3",
		Known:   []Known{{Node: "durres", To: 1_785_585_000_000}, {Node: "rinas"}},
		Lists:   []ListAge{{List: "ofac-sdn", Release: 7, Released: 1_785_500_000_000}},
		Opening: fill(16, 0x90)}, func() any { return new(PersonPart) }},
	{"person-least", &PersonPart{Direction: border.Exit, Happened: 1_785_585_590_000, Day: 20_666},
		func() any { return new(PersonPart) }},
	{"police", &PolicePart{Hits: []PoliceHit{{Alert: "sdn-1", List: "ofac-sdn", Action: 2, Score: 0.5, Reasons: []string{"number"}},
		{Alert: "sdn-2", List: "ofac-sdn", Action: 1, Score: 0.9}}, Findings: []string{"hit"}, Notes: "sent to the second line"},
		func() any { return new(PolicePart) }},
	{"status", &StatusOpen{From: 1_785_582_000_000, To: 1_785_585_600_000, Entries: 120, Exits: 96, Refusals: 1, Vehicles: 44,
		Version: "0.1.0"}, func() any { return new(StatusOpen) }},
	{"list", &ListBody{List: "ofac-sdn", Release: 7, Source: 1_785_500_000_000, Count: 18_000, Key: sum(0x70),
		Chunks: [][32]byte{sum(0x80), sum(0x81)}}, func() any { return new(ListBody) }},
	{"list-kept", &ListBody{List: "stolen", Release: 8, Count: 68_000_000, Key: sum(0x70), Form: ListKept, Earlier: [][32]byte{sum(0x71)},
		KeySince: 3, Index: [][32]byte{sum(0x82), sum(0x83)},
		Numbers: &NumbersTerms{Action: border.ActSeize, Issuer: "INTERPOL", Status: "stolen"}}, func() any { return new(ListBody) }},
	{"search", &SearchBody{By: "analyst 1", Reason: "case 12/2026", What: "name", Asked: "ERIKSSON ANNA"},
		func() any { return new(SearchBody) }},
	{"keys", &KeysOpen{Keys: []WrappedKey{{Name: []byte{2, 0, 2, 'a', 'l', 0, 1}, Wraps: [][]byte{fill(4, 1), fill(4, 2)}}, {Name: []byte{3}}}},
		func() any { return new(KeysOpen) }},
	{"shift-passkey", &ShiftBody{Officer: [16]byte(fill(16, 1)), Booth: "3", BoothKey: append([]byte{4}, fill(64, 0)...),
		Passkey: &Passkey{Credential: fill(16, 0x10), Nonce: fill(32, 0x20), ClientData: []byte(`{"type":"webauthn.get"}`),
			Authenticator: fill(37, 0x30), Signature: fill(70, 0x60)}}, func() any { return new(ShiftBody) }},
	{"shift-end", &ShiftBody{Officer: [16]byte(fill(16, 1)), Booth: "3"}, func() any { return new(ShiftBody) }},
	{"person-party", &PersonPart{Direction: border.Entry, Happened: 1_785_585_590_000, Day: 20_666, Basis: border.Visa,
		Decision: border.Admit, Plate: "AA123BB", PlateCountry: "AL", Occupants: 4, Party: fill(16, 0xb0), Vehicle: border.Bus,
		Driver: true, Paper: "ALB0012345", Visa: &border.VisaTerms{Days: 30, Entries: 2, From: 20_660},
		Escort: border.OtherAdult, With: "ERIKSSON ANNA MARIA"}, func() any { return new(PersonPart) }},
	{"person-visa-least", &PersonPart{Direction: border.Entry, Happened: 1_785_585_590_000, Day: 20_666, Visa: &border.VisaTerms{}},
		func() any { return new(PersonPart) }},
	{"status-regime", &StatusOpen{From: 1_785_582_000_000, To: 1_785_585_600_000, Entries: 120, Exits: 96, Refusals: 1, Vehicles: 44,
		Version: "0.2.0", VehiclesIn: 24, VehiclesOut: 20, Waiting: 900, WaitingAt: 1_785_585_000_000, Regime: "relaxed"},
		func() any { return new(StatusOpen) }},
	{"void", &VoidBody{Reason: "wrong traveller"}, func() any { return new(VoidBody) }},
	{"correction", &CorrectionBody{Reason: "never crossed", Withdraw: true}, func() any { return new(CorrectionBody) }},
	{"correction-assent", &CorrectionBody{Assent: true}, func() any { return new(CorrectionBody) }},
	{"late", &LateBody{Sheet: "KAKAVIJA-000123-D", Officer: "A. Hoxha", Void: true, Differed: []string{"number", "birth"}},
		func() any { return new(LateBody) }},
	{"late-least", &LateBody{Sheet: "KAKAVIJA-000123-D", Officer: "A. Hoxha"}, func() any { return new(LateBody) }},
	{"outcome", &OutcomePart{Outcome: OtherPerson, Alert: "sdn-1", Notes: "another year of birth", Assent: true},
		func() any { return new(OutcomePart) }},
	{"outcome-least", &OutcomePart{Outcome: Cleared}, func() any { return new(OutcomePart) }},
	{"grey", &GreyBody{Alert: sum(0x70), StayKey: 1, DocumentTag: sum(0x50), Until: 21_031}, func() any { return new(GreyBody) }},
	{"regime", &RegimeBody{Regime: "relaxed", Reason: "article 9, queue of 3 h", From: 1_785_582_000_000, Until: 1_785_596_400_000,
		Passed: 1_400}, func() any { return new(RegimeBody) }},
	{"regime-least", &RegimeBody{Regime: "unrecorded", Reason: "article 9", From: 1_785_582_000_000, Until: 1_785_596_400_000},
		func() any { return new(RegimeBody) }},
	{"count", &CountBody{Booth: "3", From: 1_785_582_000_000, To: 1_785_585_600_000, Entries: 121, Exits: 96, Vehicles: 44,
		Waiting: 900, Device: "gate-2"}, func() any { return new(CountBody) }},
	{"count-least", &CountBody{From: 1_785_582_000_000, To: 1_785_585_600_000}, func() any { return new(CountBody) }},
	{"sheets", &SheetsBody{Series: "KAKAVIJA", First: 1, Last: 500}, func() any { return new(SheetsBody) }},
	{"handover", &HandoverBody{From: 1_785_556_800_000, To: 1_785_585_600_000, Entries: 120, Exits: 96, Refusals: 1, Referrals: 2,
		Open: 3, Voids: 4, Notes: "booth 2 is without a reader", Assent: true}, func() any { return new(HandoverBody) }},
	{"handover-assent", &HandoverBody{Assent: true}, func() any { return new(HandoverBody) }},
	{"message", &MessageBody{Priority: Flash, To: []string{"kakavija", "durres"}, Letter: &Letter{From: "A. Hoxha", Text: "Close lane 2"},
		Sealed: fill(40, 0xd0), Wraps: [][]byte{fill(4, 1), fill(4, 2)}}, func() any { return new(MessageBody) }},
	{"message-all", &MessageBody{Priority: Routine, Letter: &Letter{From: "A. Hoxha", Text: "Close lane 2"}},
		func() any { return new(MessageBody) }},
	{"message-some", &MessageBody{Priority: Urgent, To: []string{"kakavija"}, Sealed: fill(40, 0xd0), Wraps: [][]byte{fill(4, 1)}},
		func() any { return new(MessageBody) }},
	{"alarm", &AlarmBody{What: "cut-off", From: 1_785_582_000_000, To: 1_785_585_600_000}, func() any { return new(AlarmBody) }},
	{"alarm-log", &AlarmOpen{What: SplitView, Origin: "al/kakavija/2", Index: 71, From: 1_785_582_000_000, Evidence: fill(40, 0xe0),
		Detail: "two trees of 71 leaves"}, func() any { return new(AlarmOpen) }},
	{"alarm-log-back", &AlarmOpen{What: RolledBack, Origin: "al/kakavija/2", Index: 71, Kept: 70, From: 1_785_582_000_000, Detail: "fence"},
		func() any { return new(AlarmOpen) }},
	{"alarm-log-least", &AlarmOpen{What: Damaged, Origin: "al/kakavija/2"}, func() any { return new(AlarmOpen) }},
	{"isolation", &IsolationOpen{Scope: "centre", By: "A. Hoxha", Reason: "order 17"}, func() any { return new(IsolationOpen) }},
	{"isolation-end", &IsolationOpen{Ends: true, Scope: "all", By: "A. Hoxha", Reason: "order 18", Since: 1_785_582_000_000,
		Proven: []string{"durres", "kakavija"}}, func() any { return new(IsolationOpen) }},
	{"drill", &DrillOpen{Acts: []string{"D1", "C1"}, Seed: 7, By: "A. Hoxha"}, func() any { return new(DrillOpen) }},
	{"drill-least", &DrillOpen{Acts: []string{"D1"}}, func() any { return new(DrillOpen) }},
	{"letter", &Letter{From: "A. Hoxha", Text: "Close lane 2"}, func() any { return new(Letter) }},
	{"letter-hit", &Letter{Hit: &HitLetter{Alert: "sdn-1", List: "ofac-sdn", Action: 3, Of: Ref{Origin: "al/durres/1", Index: 41},
		At: 1_785_585_590_000, Outcome: Unsure, Said: 1_785_585_600_000}}, func() any { return new(Letter) }},
	{"alarm-canary", &AlarmBody{What: "canary", From: 1_785_582_000_000, To: 1_785_585_600_000, List: "ofac-sdn", Alert: "canary-1"},
		func() any { return new(AlarmBody) }},
	{"status-canaries", &StatusOpen{From: 1_785_582_000_000, To: 1_785_585_600_000, Version: "0.3.0", Canaries: 3, CanariesMissed: 1,
		CanariesAt: 1_785_580_000_000}, func() any { return new(StatusOpen) }},
}

func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// golden gives the bytes of testdata/golden.txt by name. They are in logs already: whoever must change one makes a new
// leaf version or a new kind instead.
func golden(t testing.TB) map[string][]byte {
	t.Helper()
	f, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for s := bufio.NewScanner(bytes.NewReader(f)); s.Scan(); {
		if name, h, ok := strings.Cut(s.Text(), " "); ok && name != "#" {
			out[name] = fromHex(t, h)
		}
	}
	return out
}
