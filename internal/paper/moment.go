package paper

import (
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/station"
)

// ParseDay reads a date as station.ParseDate does, and eight digits without anything between: year first as printed on the
// sheet, or day first. In the years 1900 to 2099 no eight digits are a date in both ways.
func ParseDay(s string) (border.PartialDate, bool) {
	s = strings.TrimSpace(s)
	if len(s) != 8 || strings.Trim(s, "0123456789") != "" {
		return station.ParseDate(s)
	}
	for _, order := range []string{s[6:] + "." + s[4:6] + "." + s[:4], s[:2] + "." + s[2:4] + "." + s[4:]} {
		if p, ok := station.ParseDate(order); ok && p.Year >= 1900 && p.Year <= 2099 {
			return p, true
		}
	}
	return border.PartialDate{}, false
}

// parseClock reads 24 hours: 14:05, 14.05, 1405, 905.
func parseClock(s string) (hour, minute int, ok bool) {
	s = strings.TrimSpace(s)
	h, m, parted := strings.Cut(strings.Replace(s, ".", ":", 1), ":")
	if !parted && (len(s) == 3 || len(s) == 4) {
		h, m = s[:len(s)-2], s[len(s)-2:]
	}
	hour, errH := strconv.Atoi(h)
	minute, errM := strconv.Atoi(m)
	return hour, minute, errH == nil && errM == nil && len(m) == 2 && len(h) <= 2 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60
}

// momentOf is the moment that a clock on the wall showed; false for one that it never showed, in the night in which it was
// put forward. Of an hour shown twice in autumn both keyings take the same one.
func momentOf(day border.Date, hour, minute int, zone *time.Location) (ms int64, ok bool) {
	year, month, date := day.Civil()
	t := time.Date(year, time.Month(month), date, hour, minute, 0, 0, zone)
	return t.UnixMilli(), t.Hour() == hour && t.Minute() == minute
}
