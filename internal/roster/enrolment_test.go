package roster

import (
	"encoding/hex"
	"errors"
	"testing"

	"tims/internal/record"
)

// rosterWith is a state whose roster names an enrolment code for the first officer.
func rosterWith(t testing.TB, s *State, code string) *State {
	t.Helper()
	r := sampleRoster()
	r.Officers[0].Enrol = EnrolPublic(code)
	return apply(t, s, approved(s.Next(ChainRoster, record.Marshal(r), noon), "Agim", "Bora"))
}

func sampleEnrolment() Enrolment {
	return Enrolment{Officer: [16]byte{1}, Credential: []byte("credential"), Key: []byte("cose key")}
}

// The bytes are fixed: officers have signed them.
func TestEnrolmentBytes(t *testing.T) {
	const want = "a4015001000000000000000000000000000000024a63726564656e7469616c0348636f7365206b6579045840" +
		"644c23c31eec05719f7655e32f0444aafe2b42bc0686d63df8615de5fde5eb846356952e97ccfca57a6e200a7c37daac9b524fc300d96c9fe5600982f71b0502"
	if got := hex.EncodeToString(record.Marshal(sampleEnrolment().Sign(EnrolKey("CODE")))); got != want {
		t.Errorf("signed enrolment %s", got)
	}
}

func TestVerifyEnrolment(t *testing.T) {
	s := rosterWith(t, begin(t), "FIRST")
	e := sampleEnrolment().Sign(EnrolKey("FIRST"))
	key, err := s.VerifyEnrolment(e)
	if err != nil || string(key[:]) != string(EnrolPublic("FIRST")) {
		t.Fatalf("%x, %v", key, err)
	}
	for name, change := range map[string]func(*Enrolment){
		"another officer":     func(e *Enrolment) { e.Officer[0] = 2 },
		"a stranger":          func(e *Enrolment) { e.Officer[0] = 3 },
		"another credential":  func(e *Enrolment) { e.Credential = []byte("Credential") },
		"another key":         func(e *Enrolment) { e.Key = []byte("cose keY") },
		"no credential":       func(e *Enrolment) { e.Credential = nil; *e = e.Sign(EnrolKey("FIRST")) },
		"no key":              func(e *Enrolment) { e.Key = nil; *e = e.Sign(EnrolKey("FIRST")) },
		"a long credential":   func(e *Enrolment) { e.Credential = make([]byte, maxCredential+1); *e = e.Sign(EnrolKey("FIRST")) },
		"a long key":          func(e *Enrolment) { e.Key = make([]byte, maxPasskey+1); *e = e.Sign(EnrolKey("FIRST")) },
		"another code":        func(e *Enrolment) { *e = e.Sign(EnrolKey("SECOND")) },
		"a cut signature":     func(e *Enrolment) { e.Signature = e.Signature[:63] },
		"one byte of it":      func(e *Enrolment) { e.Signature = append([]byte{e.Signature[0] ^ 1}, e.Signature[1:]...) },
		"moved field borders": func(e *Enrolment) { e.Credential, e.Key = []byte("credentialc"), []byte("ose key") },
	} {
		bad := e
		change(&bad)
		if _, err := s.VerifyEnrolment(bad); !errors.Is(err, ErrEnrolment) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A new enrolment key takes the place of the old, which stays known for what was signed before. A dropped officer's too.
func TestFormerEnrolment(t *testing.T) {
	s1 := rosterWith(t, begin(t), "FIRST")
	s2 := rosterWith(t, s1, "SECOND")
	for code, want := range map[string]error{"FIRST": nil, "SECOND": nil, "THIRD": ErrEnrolment} {
		key, err := s2.VerifyEnrolment(sampleEnrolment().Sign(EnrolKey(code)))
		if !errors.Is(err, want) || err == nil && string(key[:]) != string(EnrolPublic(code)) {
			t.Errorf("%s: %x, %v", code, key, err)
		}
	}
	if _, err := s1.VerifyEnrolment(sampleEnrolment().Sign(EnrolKey("SECOND"))); !errors.Is(err, ErrEnrolment) {
		t.Errorf("the state before knows what came after: %v", err)
	}
	r := sampleRoster()
	r.Officers = r.Officers[1:]
	s3 := apply(t, s2, approved(s2.Next(ChainRoster, record.Marshal(r), noon), "Agim", "Bora"))
	for _, code := range []string{"FIRST", "SECOND"} {
		if _, err := s3.VerifyEnrolment(sampleEnrolment().Sign(EnrolKey(code))); err != nil {
			t.Errorf("of an officer who is left out, %s: %v", code, err)
		}
	}
}

// FuzzVerifyEnrolment feeds statements as they come from logs. None counts that the code's key has not signed.
func FuzzVerifyEnrolment(f *testing.F) {
	s := rosterWith(f, begin(f), "FIRST")
	good := sampleEnrolment().Sign(EnrolKey("FIRST"))
	f.Add(record.Marshal(good))
	f.Add(record.Marshal(sampleEnrolment().Sign(EnrolKey("SECOND"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Enrolment
		if record.Unmarshal(b, &e) != nil {
			return
		}
		if _, err := s.VerifyEnrolment(e); err == nil && string(e.message()) != string(good.message()) {
			t.Errorf("%x is accepted and was never signed", b)
		}
	})
}
