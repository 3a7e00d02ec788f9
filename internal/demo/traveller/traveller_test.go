package traveller

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
)

var start = time.Date(2026, 8, 1, 10, 0, 0, 0, time.UTC)

// tirana in summer; the demonstration embeds the real zone.
var tirana = time.FixedZone("CEST", 2*3600)

func source(t testing.TB, seed uint64, change func(*Options)) *Source {
	t.Helper()
	o := Options{Start: start, Location: tirana}
	if change != nil {
		change(&o)
	}
	s, err := New(seed, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sound(o *Options) { o.NoFaults = true }

// run gives n parties, one every half second, at posts by their traffic.
func run(s *Source, n int) []Party {
	var all []Party
	for i := range n {
		all = append(all, s.Next(start.Add(time.Duration(i)*500*time.Millisecond), s.Post()))
	}
	return all
}

// plain writes what a party is in words that no other package can change.
func plain(p Party) string {
	text := fmt.Sprint(p.Trip, p.Post, int(p.Direction))
	if v := p.Vehicle; v != nil {
		text += fmt.Sprint(v.Plate, v.Country, v.Kind)
	}
	for _, v := range p.Travellers {
		text += fmt.Sprint(v.Zone, int(v.Basis), v.Visa.Days, v.Visa.Entries, int(v.Until), v.Truth)
	}
	return text
}

func TestSameSeedSameParties(t *testing.T) {
	const want = "0136d2e0435e7c54"
	digest := func(seed uint64) string {
		s := source(t, seed, func(o *Options) { o.Listed = someListed })
		today := border.DayAt(start.UnixMilli(), tirana)
		sum := sha256.New()
		for _, p := range s.History(today-200, today-1, 600) {
			fmt.Fprintln(sum, p.At.UnixMilli(), plain(p.Party))
		}
		for _, p := range run(s, 600) {
			fmt.Fprintln(sum, plain(p))
		}
		return hex.EncodeToString(sum.Sum(nil)[:8])
	}
	if got := digest(1); got != want {
		t.Errorf("seed 1: got %s, want %s: the stream changed", got, want)
	}
	if digest(2) == want {
		t.Error("another seed gives the same parties")
	}
}

func TestZonesAreSound(t *testing.T) {
	s, n := source(t, 3, sound), 0
	today := border.DayAt(start.UnixMilli(), tirana)
	formats := map[mrz.Format]int{}
	for _, p := range run(s, 6000) {
		for _, v := range p.Travellers {
			n++
			z := mrz.Parse(v.Zone)
			formats[z.Format]++
			for _, f := range z.Faults {
				if f.Code != mrz.WarnNameTruncated {
					t.Fatalf("%s: fault %v without being asked for, in\n%s", p.Post, f, strings.Join(v.Zone, "\n"))
				}
			}
			if v.Document.Number != z.DocumentNumber || v.Document.Nationality != z.Nationality || v.Document.Primary != z.Primary {
				t.Fatalf("document and zone differ: %+v\n%s", v.Document, strings.Join(v.Zone, "\n"))
			}
			if v.Document.Expired(today) || v.Truth.Fault != NoFault || v.Basis == 0 {
				t.Fatalf("expired, faulty or without basis: %+v", v)
			}
		}
	}
	if n < 10_000 {
		t.Errorf("only %d travellers", n)
	}
	// Passports mostly, then cards; a few old Romanian cards and visas.
	for format, bounds := range map[mrz.Format][2]float64{
		mrz.TD3: {0.6, 0.75}, mrz.TD1: {0.24, 0.4}, mrz.TD2: {0.0005, 0.01}, mrz.MRVA: {0.0003, 0.01},
	} {
		if share := float64(formats[format]) / float64(n); share < bounds[0] || share > bounds[1] {
			t.Errorf("%s: share %.4f outside %v", format, share, bounds)
		}
	}
}

func TestFaultsAreFound(t *testing.T) {
	s := source(t, 4, nil)
	today, seen, n := border.DayAt(start.UnixMilli(), tirana), map[Fault]int{}, 0
	digits := []string{mrz.ErrCheckDocumentNumber, mrz.ErrCheckBirthDate, mrz.ErrCheckExpiryDate, mrz.ErrCheckComposite}
	for _, p := range run(s, 12_000) {
		for _, v := range p.Travellers {
			n++
			seen[v.Truth.Fault]++
			z := mrz.Parse(v.Zone)
			errs, warnings := z.Errors(), slices.DeleteFunc(z.Warnings(), func(c string) bool { return c == mrz.WarnNameTruncated })
			ok := len(warnings) == 0
			switch v.Truth.Fault {
			case NoFault:
				ok = ok && len(errs) == 0 && !v.Document.Expired(today)
			case Expired:
				ok = ok && len(errs) == 0 && v.Document.Expired(today)
			case BadDate:
				ok = ok && slices.Equal(errs, []string{mrz.ErrBirthDate})
			case BadState:
				ok = slices.Equal(warnings, []string{mrz.WarnNationality}) && len(errs) == 0
			case CheckDigit:
				outside := slices.DeleteFunc(slices.Clone(errs), func(c string) bool { return slices.Contains(digits, c) })
				ok = ok && len(errs) > 0 && len(errs) <= 2 && len(outside) == 0
			}
			if !ok {
				t.Fatalf("%q: errors %v, warnings %v, in\n%s", v.Truth.Fault, errs, warnings, strings.Join(v.Zone, "\n"))
			}
		}
	}
	faulty := n - seen[NoFault]
	if share := float64(faulty) / float64(n); share < 0.014 || share > 0.027 {
		t.Errorf("share of faulty zones %.4f", share)
	}
	for _, f := range []Fault{CheckDigit, Expired, BadDate, BadState} {
		if seen[f] < faulty/16 {
			t.Errorf("%s seen %d times in %d faults", f, seen[f], faulty)
		}
	}
}

// TestPeopleStayThemselves: a document and a plate belong to one trip, directions take turns, and nobody changes between
// two crossings.
func TestPeopleStayThemselves(t *testing.T) {
	s := source(t, 5, nil)
	today := border.DayAt(start.UnixMilli(), tirana)
	owner, plates := map[string]string{}, map[string]uint64{}
	last, zones := map[uint64]border.Direction{}, map[uint64]string{}
	returns := 0
	all := run(s, 8000)
	for i, past := range s.History(today-200, today-1, 4000) {
		if past.Party.Trip == 0 {
			t.Fatalf("past %d has no trip", i)
		}
		all = append(all, past.Party)
	}
	for _, p := range all {
		if last[p.Trip] == p.Direction {
			t.Fatal("a trip crosses twice in one direction")
		}
		last[p.Trip] = p.Direction
		if len(p.Travellers) == 0 || len(p.Travellers) > maxParty {
			t.Fatalf("party of %d", len(p.Travellers))
		}
		together := ""
		for _, v := range p.Travellers {
			key, mine := v.Document.Issuer+v.Document.Number, strings.Join(v.Zone, "|")
			if at, ok := owner[key]; ok && at != mine {
				t.Fatalf("%s has two holders", key)
			}
			owner[key] = mine
			together += mine
		}
		if before, ok := zones[p.Trip]; ok {
			returns++
			if before != together {
				t.Fatal("the party changed on its way")
			}
		}
		zones[p.Trip] = together
		if v := p.Vehicle; v != nil {
			if at, ok := plates[v.Country+v.Plate]; ok && at != p.Trip {
				t.Fatal("a plate on two vehicles")
			}
			plates[v.Country+v.Plate] = p.Trip
			if p.Post == Rinas {
				t.Fatal("a vehicle at the airport")
			}
		}
	}
	if len(owner) < 10_000 || returns < len(all)/3 {
		t.Errorf("%d holders, %d returns in %d crossings", len(owner), returns, len(all))
	}
}

func TestShares(t *testing.T) {
	const n = 10_000
	s := source(t, 6, nil)
	for _, post := range s.posts {
		weights, sum := map[string]float64{}, 0.0
		for _, w := range profiles[post].mix {
			weights[w.code] += w.weight
			sum += w.weight
		}
		got, people := map[string]float64{}, 0.0
		for people < n {
			trip := s.begin(post)
			if v := trip.vehicle; v != nil && v.Kind == Lorry {
				continue // have a table of their own
			}
			people++
			got[trip.people[0].Document.Nationality]++
		}
		for code := range got {
			if weights[code] == 0 {
				t.Errorf("%s: %s is not in the table", post, code)
			}
		}
		for code, w := range weights {
			want, have := w/sum, got[code]/people
			if room := 0.1*want + 0.003; have < want-room || have > want+room {
				t.Errorf("%s: share of %s is %.4f, table says %.4f", post, code, have, want)
			}
		}
	}
	posts := map[string]int{}
	for range n {
		posts[s.Post()]++
	}
	for post, want := range map[string]int{Kakavija: 40, Morina: 32, Rinas: 16, Durres: 12} {
		if share := posts[post] * 100 / n; share < want-2 || share > want+2 {
			t.Errorf("%s: %d %% of traffic, want %d", post, share, want)
		}
	}
}

func TestKindsOfParties(t *testing.T) {
	count := map[string]int{}
	s := source(t, 7, sound)
	today := border.DayAt(start.UnixMilli(), tirana)
	rules := border.DefaultRulebook()
	for range 8000 {
		tr := s.begin(s.Post())
		kind := "none"
		if tr.vehicle != nil {
			kind = string(tr.vehicle.Kind)
		}
		count[kind]++
		count[tr.next.String()]++
		minors, leader := 0, tr.people[0].Document
		for _, v := range tr.people {
			count[v.Basis.String()]++
			agrees(t, rules, v)
			if born, _ := v.Document.Birth.Date(); today-born < 18*365 {
				minors++
			}
		}
		if born, _ := leader.Birth.Date(); today-born < 18*365 {
			t.Fatal("led by a minor")
		}
		if minors > 0 {
			count["with minors"]++
		}
	}
	for kind, least := range map[string]int{
		"car": 3500, "lorry": 500, "bus": 250, "none": 1800, "entry": 4000, "exit": 1800, "with minors": 1200,
		border.Citizen.String(): 5000, border.VisaFree.String(): 6000, border.Visa.String(): 15, border.ResidencePermit.String(): 150,
		border.LongStayVisa.String(): 20, border.LocalPermit.String(): 40, border.FamilyMember.String(): 60, border.Crew.String(): 10,
	} {
		if count[kind] < least {
			t.Errorf("%s: %d, want at least %d", kind, count[kind], least)
		}
	}
}

// agrees holds a traveller's basis against the rulebook: who needs a visa comes on another ground than visa-free, who does
// not comes without one, and what a document says by itself is believed.
func agrees(t *testing.T, rules *border.Rulebook, v Traveller) {
	t.Helper()
	proposed := rules.BasisFor(v.Document)
	ok := proposed == v.Basis
	switch v.Basis {
	case border.VisaFree:
		ok = proposed == border.VisaFree
	case border.Visa:
		ok = !rules.IsVisaFree(v.Document.Nationality) && (proposed == border.Visa || proposed == 0)
	case border.ResidencePermit, border.LongStayVisa, border.LocalPermit, border.FamilyMember:
		ok = proposed == v.Basis || proposed == border.VisaFree || proposed == 0
	}
	asks := rules.Bases[v.Basis].NeedsUntil
	if !ok || asks != (v.Until != 0) {
		t.Fatalf("%v until %v: the rulebook proposes %v for\n%s", v.Basis, v.Until, proposed, strings.Join(v.Zone, "\n"))
	}
}
