package border

import (
	"errors"
	"math"
	"time"
)

const secondsOfDay = 24 * 60 * 60

var errDate = errors.New("not a date of the form 2006-01-02")

// A Date is a civil day without place or hour: days since 1970-01-01 in the proleptic Gregorian calendar. Records and
// slips hold the number. Differences of dates are plain subtraction. Where a date is optional, the zero value (which as a
// day is 1970-01-01) means that none is set.
type Date int32

// NewDate makes a date of the years 1 to 9999; a day that the calendar does not have is an error.
func NewDate(year, month, day int) (Date, error) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, errDate
	}
	return Date(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay), nil
}

// ParseDate reads exactly the form 2006-01-02. The error does not repeat the text: it may be a birth date.
func ParseDate(s string) (Date, error) {
	p, err := ParsePartialDate(s)
	if err != nil {
		return 0, errDate
	}
	d, ok := p.Date()
	if !ok {
		return 0, errDate
	}
	return d, nil
}

// DayAt is the civil date in loc at ms, UTC milliseconds. Days beyond the range of Date are its ends.
func DayAt(ms int64, loc *time.Location) Date {
	t := time.UnixMilli(ms).In(loc)
	_, offset := t.Zone()
	local := t.Unix() + int64(offset)
	days := local / secondsOfDay
	if local%secondsOfDay < 0 {
		days--
	}
	return saturated(days)
}

func saturated(days int64) Date {
	return Date(max(math.MinInt32, min(math.MaxInt32, days)))
}

func dayOf(t time.Time) Date { return DayAt(t.UnixMilli(), t.Location()) }

// Civil gives year, month (1-12) and day (1-31).
func (d Date) Civil() (year, month, day int) {
	y, m, dd := time.Unix(int64(d)*secondsOfDay, 0).UTC().Date()
	return y, int(m), dd
}

// Year of the civil date.
func (d Date) Year() int { y, _, _ := d.Civil(); return y }

// Month of the civil date, 1-12.
func (d Date) Month() int { _, m, _ := d.Civil(); return m }

// Day of the month, 1-31.
func (d Date) Day() int { _, _, day := d.Civil(); return day }

// AddDays moves by n days and stops at the ends of the range.
func (d Date) AddDays(n int) Date { return saturated(int64(d) + int64(n)) }

// String is the form 2006-01-02.
func (d Date) String() string {
	return time.Unix(int64(d)*secondsOfDay, 0).UTC().Format(time.DateOnly)
}

// MarshalText is String, for JSON; CBOR holds the number.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDate.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// daysIn gives the length of a month; of February in an unknown year (0) it is 29.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year == 0 || isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
