package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/watchlist"
)

// An askedTraveller is one line of input.
type askedTraveller struct {
	ID          json.RawMessage `json:"id"`
	Name        string          `json:"name"`
	Surname     string          `json:"surname"`
	Given       string          `json:"given"`
	Birth       string          `json:"birth"`
	Nationality string          `json:"nationality"`
	Sex         string          `json:"sex"`
	Document    json.RawMessage `json:"document"`
}

// query reads one line. The error names a field, never its content.
func (f *matchFlags) query(raw []byte) (id json.RawMessage, q watchlist.Query, err error) {
	var a askedTraveller
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &a); err != nil && (!errors.As(err, &wrong) || wrong.Field == "") {
		return nil, q, errors.New("not a JSON object of a traveller")
	}
	if len(a.ID) == 0 {
		return nil, q, errors.New(`"id" is missing`)
	}
	if a.ID[0] != '"' && (a.ID[0] < '0' || a.ID[0] > '9') && a.ID[0] != '-' {
		return nil, q, errors.New(`"id" is neither a text nor a number`)
	}
	if wrong != nil {
		return a.ID, q, fmt.Errorf("%q is not a text", wrong.Field)
	}
	q = watchlist.Query{Primary: a.Surname, Secondary: a.Given}
	switch {
	case a.Name != "" && a.Surname+a.Given != "":
		return a.ID, q, errors.New(`"name" beside "surname" or "given"`)
	case a.Name != "":
		q.Primary = a.Name
	case a.Surname == "":
		q.Primary, q.Secondary = a.Given, ""
	}
	if len(q.Primary)+len(q.Secondary) > maxMatchName {
		return a.ID, q, fmt.Errorf("name longer than %d bytes", maxMatchName)
	}
	q.Truncated = mayBeCut(q.Primary, q.Secondary)
	if f.nameOnly {
		return a.ID, q, nil
	}
	if q.Birth, err = anyDate(a.Birth); err != nil {
		return a.ID, q, errors.New(`"birth" is not of the form 1974, 1974-08 or 1974-08-12`)
	}
	if q.Nationality, err = anyState(a.Nationality); err != nil {
		return a.ID, q, errors.New(`"nationality" is neither a code nor an English name`)
	}
	q.Sex = sexWords[strings.ToLower(a.Sex)]
	if q.Issuer, q.Number, err = anyDocument(a.Document); err != nil {
		return a.ID, q, err
	}
	return a.ID, q, nil
}

var sexWords = map[string]string{"m": "M", "male": "M", "f": "F", "female": "F"}

// mayBeCut says whether a name fills the name field of a zone so far that it may have been cut there: 30 characters of
// a card, 31 of the larger card, 39 of a passport, with the filler that stands between its parts (Doc 9303 parts 4 to 6).
func mayBeCut(primary, secondary string) bool {
	n := len(primary) + len(secondary)
	if secondary != "" {
		n += 2
	}
	return n >= 28 && n <= 31 || n >= 37
}

// anyDate reads 1974, 1974-08 and 1974-08-12, and with ? for unknown parts.
func anyDate(s string) (border.PartialDate, error) {
	if len(s) == 4 || len(s) == 7 {
		s += "-??-??"[len(s)-4:]
	}
	return border.ParsePartialDate(s)
}

// anyState gives the code of a zone for a state named by a code of two or three letters or in English; empty for none.
func anyState(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if code, ok := mrz.StateOf(s); ok {
		return code, nil
	}
	return "", errors.New("unknown state")
}

func anyDocument(raw json.RawMessage) (issuer, number string, err error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, &number) == nil {
		return "", number, nil
	}
	var d struct{ Issuer, Number string }
	if json.Unmarshal(raw, &d) != nil {
		return "", "", errors.New(`"document" is neither a text nor an object with issuer and number`)
	}
	if issuer, err = anyState(d.Issuer); err != nil {
		return "", "", errors.New(`"issuer" is neither a code nor an English name`)
	}
	return issuer, d.Number, nil
}
