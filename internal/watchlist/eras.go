package watchlist

import "tims/internal/border"

// An era is a stretch of names whose birth dates agree with the asked one about as well: most bounds what that adds.
type era struct {
	from, to uint32
	most     float32
	class    int32 // in the plan
}

// severalMonth stands in a dateKey for dates of which only the year is one; with year zero, not even that.
const severalMonth = 13

// birthKeys gives the dates under which the names of an alert stand: one, or one for each year where there are few.
func birthKeys(births []border.PartialDate) []uint32 {
	switch len(births) {
	case 0:
		return []uint32{0}
	case 1:
		return []uint32{dateKey(births[0])}
	}
	byYear := map[uint32]uint32{}
	var years []uint32
	for _, b := range births {
		k := dateKey(b)
		year := k >> 9
		old, known := byYear[year]
		switch {
		case !known:
			byYear[year] = k
			years = append(years, year)
		case old != k:
			byYear[year] = year<<9 | severalMonth<<5
		}
	}
	if _, unknown := byYear[0]; len(years) > maxBirthYears || unknown && len(years) > 1 {
		return []uint32{severalMonth << 5}
	}
	keys := make([]uint32, len(years))
	for i, y := range years {
		keys[i] = byYear[y]
	}
	return keys
}

// eras divides all names by how well their birth dates can agree with the asked one. Within the asked year each date is
// weighed by itself; of any other year a date counts only by whether day and month are the asked ones, so a few dates
// stand for all.
func (s *segment) eras(q border.PartialDate, out []era) []era {
	like := alikeDays(q)
	for i := 0; i < s.dates.len(); {
		year := s.dates.at(i) >> 9
		next := s.dates.search(i, s.dates.len(), (year+1)<<9)
		if year == 0 || int(year) == q.Year {
			for ; i < next; i++ {
				out = s.appendEra(out, i, i+1, mostOfDate(q, s.dates.at(i)))
			}
			continue
		}
		out = s.yearEras(q, year, i, next, like, out)
		i = next
	}
	return out
}

// alikeDays are the days that no other stands for: the asked day and month, and exchanged.
func alikeDays(q border.PartialDate) []uint32 {
	if q.Month == 0 || q.Day == 0 {
		return nil
	}
	a, b := uint32(q.Month)<<5|uint32(q.Day), uint32(q.Day)<<5|uint32(q.Month)
	switch {
	case q.Day > 12 || a == b:
		return []uint32{a}
	case a < b:
		return []uint32{a, b}
	}
	return []uint32{b, a}
}

func (s *segment) yearEras(q border.PartialDate, year uint32, from, to int, like []uint32, out []era) []era {
	most := mostOfOther(q, int(year))
	top := most
	for _, day := range like {
		top = max(top, mostOfDate(q, year<<9|day))
	}
	for _, day := range append(like, severalMonth<<5) {
		key, w := year<<9|day, top
		if day != severalMonth<<5 {
			w = mostOfDate(q, key)
		}
		if w == most {
			continue
		}
		if at := s.dates.search(from, to, key); at < to && s.dates.at(at) == key {
			out = s.appendEra(out, from, at, most)
			out = s.appendEra(out, at, at+1, w)
			from = at + 1
		}
	}
	return s.appendEra(out, from, to, most)
}

// appendEra adds the names of dates [from, to), to the last era where they are worth the same.
func (s *segment) appendEra(out []era, from, to int, most float32) []era {
	e := era{from: s.datedAt.at(from), to: s.datedAt.at(to), most: most}
	if e.from == e.to {
		return out
	}
	if n := len(out); n > 0 && out[n-1].most == most {
		out[n-1].to = e.to
		return out
	}
	return append(out, e)
}

// mostOfDate bounds the weight of alerts that stand under the date.
func mostOfDate(q border.PartialDate, key uint32) float32 {
	switch {
	case key == 0:
		return 0 // no birth date, or none that says anything
	case key>>5&15 != severalMonth:
		w, _ := birthWeight(q, dateOf(key))
		return float32(w)
	case q.IsZero():
		return 0
	}
	return birthSame
}

// mostOfOther bounds the weight of the dates of a year that is not the asked one, but for alikeDays.
func mostOfOther(q border.PartialDate, year int) float32 {
	month, day := other(q.Month, q.Day, 12), other(q.Month, q.Day, 28)
	w := 0.0
	for i, d := range [...][2]int{{0, 0}, {month, 0}, {q.Month, 0}, {month, day}, {q.Month, day}, {month, q.Day}, {1, 1}, {0, q.Day}, {0, day}} {
		a := border.PartialDate{Year: year, Month: d[0], Day: d[1]}
		if d[0] == q.Month && d[1] == q.Day && q.Month != 0 && q.Day != 0 {
			continue
		}
		if v, _ := birthWeight(q, a); i == 0 || v > w {
			w = v
		}
	}
	return float32(w)
}

// other is a number from 2 on that is neither of the two, nor 1 as in the first of January.
func other(a, b, most int) int {
	for n := most; ; n-- {
		if n != a && n != b {
			return n
		}
	}
}
