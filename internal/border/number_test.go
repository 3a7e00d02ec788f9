package border

import "testing"

func TestNumberKey(t *testing.T) {
	for number, want := range map[string]string{
		"":              "",
		"BI1234567":     "B11234567",
		"C01X00T47":     "C01X00T47",
		"CO1X0OT47":     "C01X00T47",
		"ab 123-456/7":  "AB1234567",
		"L898902C3<<<":  "L898902C3",
		" 99.1 ":        "991",
		"АВ1234567":     "AB1234567", // Cyrillic
		"ав1234567":     "AB1234567",
		"ΑΒ1234567":     "AB1234567", // Greek
		"ЖЯ77":          "77",        // no Latin shape
		"№ 12":          "12",
		"I0O":           "100",
		"١٢":            "", // other digits stand in no zone
		"Ö1":            "1",
		"\xff1":         "1",
		"ОІ":            "01", // Cyrillic O and I
		"AB12345678901": "AB12345678901",
	} {
		got := NumberKey(number)
		if got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
		if again := NumberKey(got); again != got {
			t.Errorf("%q: not the same again: %q", got, again)
		}
	}
}
