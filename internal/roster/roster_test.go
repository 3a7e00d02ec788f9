package roster

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"tims/internal/record"
)

func TestRosterValid(t *testing.T) {
	if err := sampleRoster().Valid(); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a", maxText+1)
	for name, change := range map[string]func(*Roster){
		"name twice":             func(r *Roster) { r.Nodes[1].Name = "tirana" },
		"name in capitals":       func(r *Roster) { r.Nodes[1].Name = "Kakavija" },
		"name with a slash":      func(r *Roster) { r.Nodes[1].Name = "a/b" },
		"name begins with digit": func(r *Roster) { r.Nodes[1].Name = "1a" },
		"name of 32":             func(r *Roster) { r.Nodes[1].Name = strings.Repeat("a", 32) },
		"name with newline":      func(r *Roster) { r.Nodes[1].Name = "rinas\n" },
		"no name":                func(r *Roster) { r.Nodes[1].Name = "" },
		"no role":                func(r *Roster) { r.Nodes[1].Role = "" },
		"no identity":            func(r *Roster) { r.Nodes[1].Identities = nil },
		"too many identities":    func(r *Roster) { r.Nodes[1].Identities = make([]Identity, maxIdentities+1) },
		"short identity":         func(r *Roster) { r.Nodes[1].Identities[0].Key = make([]byte, 31) },
		"identity from 0":        func(r *Roster) { r.Nodes[1].Identities[0].FromEpoch = 0 },
		"identities descending":  func(r *Roster) { r.Nodes[1].Identities[1].FromEpoch = 1 },
		"identity of two nodes":  func(r *Roster) { r.Nodes[1].Identities[0].Key = public(10) },
		"identity twice":         func(r *Roster) { r.Nodes[1].Identities[1].Key = public(11) },
		"long place":             func(r *Roster) { r.Nodes[1].Place = long },
		"long traffic":           func(r *Roster) { r.Nodes[1].Traffic = long },
		"long address":           func(r *Roster) { r.Nodes[1].Address = long },
		"long reader":            func(r *Roster) { r.Nodes[1].Reader = make([]byte, maxReaderKey+1) },
		"long recovery":          func(r *Roster) { r.Recovery = make([]byte, maxReaderKey+1) },
		"long auditor":           func(r *Roster) { r.Auditor = make([]byte, maxReaderKey+1) },
		"officer twice":          func(r *Roster) { r.Officers[1].ID = r.Officers[0].ID },
		"officer without label":  func(r *Roster) { r.Officers[1].Label = "" },
		"long label":             func(r *Roster) { r.Officers[1].Label = long },
		"too many duties":        func(r *Roster) { r.Officers[1].Duties = make([]Duty, maxDuties+1) },
		"enrolment of 31":        func(r *Roster) { r.Officers[0].Enrol = make([]byte, 31) },
		"too many nodes":         func(r *Roster) { r.Nodes = make([]Node, maxNodes+1) },
		"too many officers":      func(r *Roster) { r.Officers = make([]Officer, maxOfficers+1) },
	} {
		r := sampleRoster()
		change(&r)
		if r.Valid() == nil {
			t.Errorf("%s: valid", name)
		}
	}
}

// The bounds on officers and nodes leave room for a country that has most of both.
func TestLargeRosterFits(t *testing.T) {
	var r Roster
	for i := range maxOfficers {
		r.Officers = append(r.Officers, Officer{ID: [16]byte{byte(i), byte(i >> 8), 1}, Label: fmt.Sprintf("Officer %d", i),
			Duties: []Duty{BoothOfficer, SecondLine}, Enrol: make([]byte, 32)})
	}
	if n := len(record.Marshal(r)); r.Valid() != nil || n > maxState {
		t.Errorf("%d officers take %d bytes: %v", maxOfficers, n, r.Valid())
	}
	r = Roster{}
	for i := range maxNodes {
		r.Nodes = append(r.Nodes, Node{Name: fmt.Sprintf("node-%d", i), Role: Post, Place: fmt.Sprintf("place %d", i), Traffic: "road",
			Address: "[2001:db8:1234:5678::1]:7100", Identities: []Identity{{Key: make([]byte, 32), FromEpoch: 1}}, Reader: make([]byte, 1218)})
		copy(r.Nodes[i].Identities[0].Key, r.Nodes[i].Name)
	}
	if n := len(record.Marshal(r)); r.Valid() != nil || n > maxState {
		t.Errorf("%d nodes take %d bytes: %v", maxNodes, n, r.Valid())
	}
}

func TestLookups(t *testing.T) {
	r := sampleRoster()
	r.Nodes[2].Dropped = true
	if n, ok := r.Node("rinas"); !ok || !n.Dropped {
		t.Errorf("a dropped node stays known: %v", ok)
	}
	if _, ok := r.Node("durres"); ok {
		t.Error("a node that is not there")
	}
	for seed, want := range map[byte]string{10: "tirana", 11: "", 12: "kakavija", 13: "", 20: ""} {
		if n, ok := r.ByIdentity(public(seed)); ok != (want != "") || n.Name != want {
			t.Errorf("identity %d belongs to %q, want %q", seed, n.Name, want)
		}
	}
	if posts := r.Living(Post); len(posts) != 1 || posts[0].Name != "kakavija" || len(r.Living(Centre)) != 1 || len(r.Living(Portal)) != 0 {
		t.Errorf("living posts %v", posts)
	}
	o, ok := r.Officer([16]byte{1})
	if !ok || !o.May(BoothOfficer) || !o.May(SecondLine) || o.May(Supervisor) || o.May(Analyst) || o.May(Administrator) || o.May("") {
		t.Errorf("duties of %v: %v", o.Label, o.Duties)
	}
	for _, id := range [][16]byte{{2}, {3}, {}} {
		if _, ok := r.Officer(id); ok {
			t.Errorf("officer %x is dropped or unknown, and was found", id[0])
		}
	}
}

func TestReaderKeys(t *testing.T) {
	r := sampleRoster()
	r.Nodes = append(r.Nodes,
		Node{Name: "durres", Role: Post, Dropped: true, Reader: []byte("dropped")},
		Node{Name: "vlore", Role: Post},
		Node{Name: "portal", Role: Portal, Reader: []byte("portal's reader")},
		Node{Name: "elbasan", Role: Centre, Reader: []byte("elbasan's reader")})
	for _, row := range []struct {
		set  record.Readers
		own  string
		want string
	}{
		{record.ClassSlip.Readers(), "kakavija", "tirana kakavija rinas elbasan"},
		{record.ClassPerson.Readers(), "kakavija", "tirana kakavija elbasan recovery"},
		{record.ClassAlert.Readers(), "tirana", "tirana kakavija rinas elbasan"},
		{record.ClassShift.Readers(), "tirana", "tirana elbasan recovery"},
		{record.ClassAudit.Readers(), "tirana", "auditor"},
		{record.ClassMessage.Readers(), "tirana", "tirana kakavija rinas elbasan"},
		{record.ClassOpen.Readers(), "tirana", ""},
		{record.OwnPost, "rinas", "rinas"},
		{record.OwnPost, "durres", ""},
		{record.OwnPost, "nowhere", ""},
		{record.OwnPost, "vlore", ""},
		{record.Centres, "rinas", "tirana elbasan"},
		{record.AllPosts, "tirana", "kakavija rinas"},
		{record.Recovery | record.Auditor, "tirana", "recovery auditor"},
		{0, "tirana", ""},
	} {
		var names []string
		for _, k := range r.ReaderKeys(row.set, row.own) {
			names = append(names, k.Name)
			if len(k.Key) == 0 {
				t.Errorf("%s has an empty key", k.Name)
			}
		}
		if got := strings.Join(names, " "); got != row.want {
			t.Errorf("readers %b of %s: %q, want %q", row.set, row.own, got, row.want)
		}
	}
	want := []ReaderKey{{"recovery", []byte("recovery key")}, {"auditor", []byte("auditor's key")}}
	if got := r.ReaderKeys(record.Recovery|record.Auditor, ""); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	r.Recovery, r.Auditor = nil, nil
	if got := r.ReaderKeys(record.Recovery|record.Auditor, ""); len(got) != 0 {
		t.Errorf("keys that nobody has: %v", got)
	}
}
