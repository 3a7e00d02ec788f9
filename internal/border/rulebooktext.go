package border

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// ParseRulebook reads a rulebook's text. The text is what approvers read and sign, so nothing in it may be passed over or
// said twice: unknown keys, repeated keys, keys in another case, and anything behind the end are errors, and so is every
// rule that Validate refuses.
func ParseRulebook(text []byte) (*Rulebook, error) {
	if len(text) > maxRulebook {
		return nil, fmt.Errorf("rulebook: longer than %d bytes", maxRulebook)
	}
	if err := uniqueKeys(json.NewDecoder(bytes.NewReader(text)), 0); err != nil {
		return nil, fmt.Errorf("rulebook: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	rb := new(Rulebook)
	if err := dec.Decode(rb); err != nil {
		return nil, fmt.Errorf("rulebook: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("rulebook: something follows the end")
	}
	if err := rb.Validate(); err != nil {
		return nil, err
	}
	return rb, nil
}

// uniqueKeys walks one JSON value. encoding/json takes the last of repeated keys and matches keys without regard to case;
// an approver would read the first.
func uniqueKeys(dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errors.New("nested too deep")
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	open, isDelim := tok.(json.Delim)
	if !isDelim {
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		if open == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			k, _ := key.(string)
			if seen[k] || k != strings.ToLower(k) || strings.ContainsFunc(k, func(r rune) bool { return r < '!' || r > '~' }) {
				return fmt.Errorf("key %q repeated or not in lower-case ASCII", k)
			}
			seen[k] = true
		}
		if err := uniqueKeys(dec, depth+1); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// Text is the one text of the rulebook: indented JSON with a final line feed. ParseRulebook reads it back.
func (rb *Rulebook) Text() ([]byte, error) {
	if err := rb.Validate(); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(rb, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("rulebook: %w", err)
	}
	return append(b, '\n'), nil
}

// Validate names everything that is wrong, joined, so that an author mends it in one go.
func (rb *Rulebook) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("rulebook: "+format, args...)) }
	if rb.Version == 0 {
		bad("version is not set")
	}
	if !isNation(rb.Country) || !rb.IsCitizen(rb.Country) {
		bad("country is no code of a state, or not among the citizens")
	}
	rb.validateNations(bad)
	for _, b := range Bases() {
		rule, ok := rb.Bases[b]
		if !ok {
			bad("basis %s has no rule", b)
		}
		validateDays(bad, "basis "+b.String(), rule.Days, rule.Window)
	}
	if len(rb.Bases) > len(Bases()) {
		bad("a basis that is none")
	}
	if r := rb.Bases[Citizen]; r != (BasisRule{}) {
		bad("citizens are never limited")
	}
	rb.validateNumbers(bad)
	return errors.Join(errs...)
}

type complaint func(format string, args ...any)

func (rb *Rulebook) validateNations(bad complaint) {
	owner := map[string]string{}
	take := func(name string, codes Nations) {
		if !slices.IsSorted(codes) {
			bad("%s: codes are not in alphabetical order", name)
		}
		for _, c := range codes {
			if !isNation(c) {
				bad("%s: %q is no code of a state", name, c)
			} else if owner[c] != "" {
				bad("%s: %s stands already in %s", name, c, owner[c])
			}
			owner[c] = name
		}
	}
	take("citizens", rb.Citizens)
	names := map[string]bool{}
	for _, g := range rb.VisaFree {
		name := fmt.Sprintf("visa_free %q", g.Name)
		if g.Name == "" || names[g.Name] {
			bad("%s: name missing or used twice", name)
		}
		names[g.Name] = true
		if g.Days == 0 {
			bad("%s: days are not set", name)
		}
		validateDays(bad, name, g.Days, g.Window)
		take(name, g.Nations)
	}
}

// validateDays wants fewer days than the window has: as many would be no limit, and must then be written as none.
func validateDays(bad complaint, name string, days, window int) {
	if days == 0 && window == 0 {
		return
	}
	if days < 1 || days >= window || window > maxWindow {
		bad("%s: want 0 < days < window <= %d", name, maxWindow)
	}
}

func (rb *Rulebook) validateNumbers(bad complaint) {
	for _, n := range []struct {
		name      string
		value, to int
	}{
		{"document_days", rb.DocumentDays, maxWindow},
		{"expiring_days", rb.ExpiringDays, maxWindow},
		{"minor_age", rb.MinorAge, 99},
		{"double_use_hours", rb.DoubleUseHours, maxHours},
	} {
		if n.value < 0 || n.value > n.to {
			bad("%s: want 0 to %d", n.name, n.to)
		}
	}
	for i, a := range []Ages{rb.Lists, rb.Posts} {
		if a.AmberHours < 1 || a.RedHours <= a.AmberHours || a.RedHours > maxHours {
			bad("%s: want 0 < amber_hours < red_hours <= %d", []string{"lists", "posts"}[i], maxHours)
		}
	}
	for _, k := range []AlertKind{PersonAlert, DocumentAlert, VehicleAlert} {
		score, ok := rb.HitScore[k]
		if !ok || math.IsNaN(score) || math.IsInf(score, 0) {
			bad("hit_score: none for kind %s", k)
		}
	}
	if len(rb.HitScore) > 3 {
		bad("hit_score: a kind that is none")
	}
	for k, n := range rb.HitBudget {
		if !(n > 0 && n <= maxHitBudget) {
			bad("hit_budget: %s: want more than 0, up to %d", k, maxHitBudget)
		}
	}
	for node, since := range rb.Since {
		if node == "" || node != strings.ToLower(node) || since <= 0 {
			bad("since: a post without a name in lower case, or without a day")
		}
	}
}

// isNation asks for one to three capital letters, as in a zone.
func isNation(code string) bool {
	for i := range len(code) {
		if code[i] < 'A' || code[i] > 'Z' {
			return false
		}
	}
	return len(code) >= 1 && len(code) <= 3
}
