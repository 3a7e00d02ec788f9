package forms

// Bounds on what is printed. A page that is longer than anybody reads is a mistake of whoever asked for it.
const (
	maxSheets = 2_000   // sheets of one file: four shifts of a great post; a browser still opens it
	maxRows   = 5_000   // rows of one table of a page
	maxLaw    = 1 << 16 // bytes of a country's law file: 14 languages take 8,000
)
