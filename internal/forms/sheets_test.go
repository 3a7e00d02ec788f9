package forms

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"tims/internal/border"
)

func TestWriteSheets(t *testing.T) {
	o := SheetsOptions{State: "Republika & Shqipërisë", Post: "Kakavijë", Series: "KAKAVIJA", First: 121, Last: 125}
	for per, pages := range map[int]int{0: 4, 2: 4, 4: 3} {
		o.PerPage = per
		page := printed(t, func(b *strings.Builder) error { return WriteSheets(b, o) })
		if got := strings.Count(page, `<div class="page `); got != pages {
			t.Errorf("%d a page: %d pages, want %d", per, got, pages)
		}
		for n := o.First; n <= o.Last; n++ {
			if strings.Count(page, ">"+border.SheetNumber(o.Series, n)+"<") != 1 {
				t.Errorf("%d a page: number %d does not stand there once", per, n)
			}
		}
		for _, g := range append(border.Grounds(border.Entry), border.Grounds(border.Exit)...) {
			if strings.Count(page, `<th scope="row">`+string(g)+`</th>`) != 1 {
				t.Errorf("ground %s is not explained once", g)
			}
		}
		if !strings.Contains(page, "stayed for 90 days in the preceding 180-day period") {
			t.Error("the days of ground F are not filled in")
		}
		if strings.Contains(page, "src=") || strings.Contains(page, "href=") || !strings.Contains(page, "Republika &amp; Shqipërisë") {
			t.Error("the file is not whole by itself")
		}
		for _, label := range []string{"Mbiemri / <i lang=\"en\">Surname</i>", "refused, ground", "leje qëndrimi", "family member", "Officer&#39;s signature", "void"} {
			if strings.Count(page, label) < 5 {
				t.Errorf("%d a page: %q stands there %d times", per, label, strings.Count(page, label))
			}
		}
	}
	for name, change := range map[string]func(*SheetsOptions){
		"three a page": func(o *SheetsOptions) { o.PerPage = 3 },
		"backwards":    func(o *SheetsOptions) { o.Last = 120 },
		"from zero":    func(o *SheetsOptions) { o.First = 0 },
		"too many":     func(o *SheetsOptions) { o.Last = o.First + maxSheets },
		"too high":     func(o *SheetsOptions) { o.First, o.Last = 999_999, 1_000_000 },
		"series":       func(o *SheetsOptions) { o.Series = "kakavija" },
	} {
		o := o
		change(&o)
		var b bytes.Buffer
		if err := WriteSheets(&b, o); !errors.Is(err, ErrForm) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
}
