package proof

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestParseLogs(t *testing.T) {
	const (
		a = "example.com/behind-the-sofa+b62f59dd+AUKdUTCY9nRkpXTg8v6WLPAFtJDCm7QZCMCiPFGYR0Yr"
		b = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
	)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"# none\n\n", nil},
		{"log " + b + "\n", []string{b}},
		{"\tlog " + b + " https://sum.golang.org\nquorum none\n", []string{b}},
	} {
		if got, err := ParseLogs([]byte(c.text)); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q read as %q, %v", c.text, got, err)
		}
	}
	for _, text := range []string{"log\n", "log nonsense\n", "log " + b + "\nlog " + b + "\n", "logs " + b, "log " + b + "\r\n", "log " + a} {
		if _, err := ParseLogs([]byte(text)); !errors.Is(err, ErrPolicy) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A key in base64 may end in a plus like any other letter. Two such keys are two keys, and one under two names is one.
func TestKeysThatEndInAPlus(t *testing.T) {
	var ending []string
	for i := 0; len(ending) < 2; i++ {
		name := fmt.Sprintf("w%d", i)
		vkey := must(note.NewEd25519VerifierKey(name, seed(name).Public().(ed25519.PublicKey)))
		if strings.HasSuffix(vkey, "+") {
			ending = append(ending, vkey)
		}
	}
	if _, err := ParseLogs([]byte("log " + ending[0] + "\nlog " + ending[1] + "\n")); err != nil {
		t.Error("two keys:", err)
	}
	_, key, _ := strings.Cut(ending[0], "+")
	_, key, _ = strings.Cut(key, "+")
	again := must(note.NewEd25519VerifierKey("other", must(base64.StdEncoding.DecodeString(key))[1:]))
	if _, err := ParseLogs([]byte("log " + ending[0] + "\nlog " + again + "\n")); !errors.Is(err, ErrPolicy) {
		t.Error("one key twice:", err)
	}
}
