package record

import "testing"

// The numbers stand in logs for ever; this table is written out a second time so that no edit of one alone passes.
func TestKindNumbers(t *testing.T) {
	want := []string{1: "shift", 2: "check", 3: "crossing", 4: "refusal", 5: "referral", 6: "referral-outcome", 7: "void",
		8: "correction", 9: "late", 10: "evidence", 11: "regime", 12: "alert", 13: "alert-change", 14: "list", 15: "rulebook",
		16: "roster", 17: "keys", 18: "status", 19: "message", 20: "message-receipt", 21: "search", 22: "export",
		23: "erasure", 24: "alarm", 25: "isolation", 26: "count", 27: "drill-begin", 28: "drill-end",
		29: "sheets", 30: "handover", 31: "enrolment"}
	constants := []Kind{0, Shift, Check, Crossing, Refusal, Referral, ReferralOutcome, Void, Correction, Late, Evidence, Regime,
		Alert, AlertChange, List, Rulebook, Roster, Keys, Status, Message, MessageReceipt, Search, Export, Erasure, Alarm,
		Isolation, Count, DrillBegin, DrillEnd, Sheets, Handover, Enrolment}
	if len(constants) != 32 || len(kindNames) != 31 {
		t.Fatalf("%d constants, %d names, want 31 kinds", len(constants)-1, len(kindNames))
	}
	for n := 1; n < len(want); n++ {
		if k := constants[n]; int(k) != n || k.String() != want[n] || !k.Known() {
			t.Errorf("kind %d: constant %d, name %s, known %v", n, k, k, k.Known())
		}
	}
	for _, k := range []Kind{0, 32, 65535} {
		if k.Known() {
			t.Errorf("kind %d is known", k)
		}
	}
	if got := Kind(32).String(); got != "kind-32" {
		t.Error(got)
	}
}

func TestPartNumbers(t *testing.T) {
	want := []string{0: "part-0", 1: "slip", 2: "person", 3: "police", 4: "media", 5: "body", 6: "open", 7: "part-7", 255: "part-255"}
	for n, p := range []Part{0, Slip, Person, Police, Media, Body, Open} {
		if int(p) != n || p.String() != want[n] {
			t.Errorf("part %d: constant %d, name %s", n, p, p)
		}
	}
	for _, p := range []Part{7, 255} {
		if p.String() != want[p] {
			t.Error(p.String())
		}
	}
}

// Who reads a part, and when the last copy of it is unlawful, is a promise of law: the table is written out again here.
func TestReaderAndRetentionTables(t *testing.T) {
	const own = OwnPost | Centres | Recovery
	const all = AllPosts | Centres
	for i, want := range []struct {
		class   Class
		readers Readers
		months  int
	}{
		{0, 0, 0}, {ClassSlip, all, 61}, {ClassPerson, own, 61}, {ClassPolice, own, 61}, {ClassMedia, own, 61},
		{ClassAlert, all, 61}, {ClassShift, own, 73}, {ClassAudit, Auditor, 73}, {ClassMessage, all, 61},
		{ClassOpen, Everybody, 0}, {10, 0, 0},
	} {
		if c := Class(i); c != want.class || c.Readers() != want.readers || c.Months() != want.months {
			t.Errorf("class %d: readers %b for %d months, want %+v", c, c.Readers(), c.Months(), want)
		}
	}
	for i, r := range []Readers{OwnPost, Centres, AllPosts, Recovery, Auditor, Everybody} {
		if r != 1<<i {
			t.Errorf("reader class %d is %d", i, r)
		}
	}
}

func TestClassOf(t *testing.T) {
	bodies := map[Kind]Class{Alert: ClassAlert, AlertChange: ClassAlert, List: ClassAlert, ReferralOutcome: ClassAlert,
		Message: ClassMessage, MessageReceipt: ClassMessage, Search: ClassAudit, Export: ClassAudit}
	for k := Kind(0); k <= 40; k++ {
		body := ClassShift
		if c, ok := bodies[k]; ok {
			body = c
		}
		for p, want := range []Class{Slip: ClassSlip, Person: ClassPerson, Police: ClassPolice, Media: ClassMedia, Body: body, Open: ClassOpen, 7: body} {
			if got := ClassOf(k, Part(p)); got != want && p != 0 {
				t.Errorf("%s of %s: class %d, want %d", Part(p), k, got, want)
			}
		}
	}
}
