package proof

import (
	"errors"
	"slices"
	"testing"
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
