package lists

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tims/internal/border"
)

// A sink takes what one importer reads from its main file: it counts, keeps alerts within what a booth can use, and hands
// them on.
type sink struct {
	*Summary
	file   string
	format Format
	issuer string
	emit   func(border.Alert) error
}

func (k *sink) faulty(line int, why string) { k.fault(k.file, line, why) }

// skip counts an item of which no alert is made.
func (k *sink) skip(why string) {
	k.Read++
	k.Skipped[why]++
}

// lost counts an item that could not be read.
func (k *sink) lost(line int, why string) {
	k.skip("faulty")
	k.faulty(line, why)
}

// begin makes an alert as all importers do: it asks to inform.
func (k *sink) begin(id string) border.Alert {
	return border.Alert{ID: id, List: string(k.format), Kind: border.PersonAlert, Action: border.ActInform, Issuer: k.issuer}
}

// hand gives an alert on, or counts it as lost. What is too much of one kind is cut, and said.
func (k *sink) hand(line int, a border.Alert) error {
	a.Names = cut(k, line, tidyNames(a.Names), maxNames)
	a.Births, a.Nations = cut(k, line, a.Births, maxParts), cut(k, line, a.Nations, maxParts)
	a.Documents, a.Vehicles = cut(k, line, a.Documents, maxParts), cut(k, line, a.Vehicles, maxParts)
	a.Reason = shortened(a.Reason)
	if err := a.Validate(); err != nil {
		k.lost(line, err.Error())
		return nil
	}
	k.Read++
	k.Alerts++
	return k.emit(a)
}

func cut[T any](k *sink, line int, parts []T, most int) []T {
	if len(parts) <= most {
		return parts
	}
	k.faulty(line, "more parts than an alert may have; the first are kept")
	return parts[:most]
}

// addUpTo is addNew for what a hostile list could make endless.
func addUpTo[T comparable](most int, to []T, values ...T) []T {
	return addNew(to, values[:max(0, min(len(values), most-len(to)))]...)
}

// tidyNames drops blanks, empty names and repetitions. Of a name that stands twice the better standing is kept.
func tidyNames(names []border.AlertName) (tidy []border.AlertName) {
	for _, n := range names {
		n.Primary, n.Secondary = oneLine(n.Primary), oneLine(n.Secondary)
		if n.Primary == "" {
			n.Primary, n.Secondary = n.Secondary, ""
		}
		if n.Primary == "" {
			continue
		}
		if i := slices.IndexFunc(tidy, func(o border.AlertName) bool { return o.Primary == n.Primary && o.Secondary == n.Secondary }); i >= 0 {
			tidy[i].Alias, tidy[i].Weak = tidy[i].Alias && n.Alias, tidy[i].Weak && n.Weak
			continue
		}
		if len(tidy) <= maxNames { // one too many, for whoever cuts to see
			tidy = append(tidy, n)
		}
	}
	return tidy
}

// oneLine makes every run of blanks and line ends one blank.
func oneLine(s string) string {
	if onLine(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// onLine reports whether a text is ASCII on one line already, as nearly all are.
func onLine(s string) bool {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

func shortened(s string) string {
	s = oneLine(s)
	if len(s) <= maxReason {
		return s
	}
	end := maxReason - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// joined puts what is known of a reason behind one another, until it is longer than a reason may be.
func joined(parts ...string) string {
	var known []string
	length := 0
	for _, p := range parts {
		if length > maxReason {
			break
		}
		if p = oneLine(p); p != "" && !slices.Contains(known, p) {
			known = append(known, p)
			length += len(p)
		}
	}
	return strings.Join(known, "; ")
}

// wholeName divides a name at its first comma, "SURNAME, Given". Without a comma it is not divided: nobody knows which of
// its words is the surname, and the watchlist does not ask.
func wholeName(s string, alias, weak bool) border.AlertName { return ofacName(s, alias, weak) }

// documentOf makes a document where its number has a digit; words like "unknown" stand in place of numbers, too.
func documentOf(issuer, number, status string) (border.AlertDocument, bool) {
	number = oneLine(number)
	return border.AlertDocument{Issuer: issuer, Number: number, Status: status}, strings.ContainsAny(number, "0123456789")
}

// crosses reports whether a document of this kind, in the issuer's words, is one that a booth may read.
func crosses(kind string) bool {
	kind = strings.ToLower(kind)
	for _, no := range []string{"tax", "fiscal", "company", "business", "vessel", "ship", "bank", "driv", "licence", "license", "birth cert"} {
		if strings.Contains(kind, no) {
			return false
		}
	}
	for _, yes := range []string{"passport", "passeport", "pasaporte", "travel doc", "laissez", "identi", "national id", "personal id", "id card",
		"cedula", "cédula", "residen", "refugee"} {
		if strings.Contains(kind, yes) {
			return true
		}
	}
	return false
}
