package border

// Ground is the reason of a refusal by its code: a letter of the standard form in Annex V part B of Regulation (EU)
// 2016/399 for entry, or X1 to X4, which are ours, for exit. Codes stand in records and never change.
type Ground string

const (
	NoDocument        Ground = "A"
	FalseDocument     Ground = "B"
	NoVisa            Ground = "C"
	FalseVisa         Ground = "D"
	NoPurpose         Ground = "E"
	DaysUsedUp        Ground = "F"
	NoMeans           Ground = "G"
	AlertForRefusal   Ground = "H"
	Threat            Ground = "I"
	NoBiometrics      Ground = "J"
	ExitWanted        Ground = "X1"
	ExitMinor         Ground = "X2"
	ExitBadDocument   Ground = "X3"
	ExitForbiddenElse Ground = "X4"
)

type groundRow struct {
	code    Ground
	dir     Direction
	meaning string
}

// The grounds of entry with the changes by Regulations (EU) 2017/2225 (letters F and J) and 2018/1240 (travel
// authorisation in C and D). No letter may be left out: the form is filled by them.
var groundRows = []groundRow{
	{NoDocument, Entry, "no valid travel document"},
	{FalseDocument, Entry, "false, counterfeit or forged travel document"},
	{NoVisa, Entry, "no valid visa, travel authorisation or residence permit"},
	{FalseVisa, Entry, "false, counterfeit or forged visa, travel authorisation or residence permit"},
	{NoPurpose, Entry, "purpose and conditions of stay not documented"},
	{DaysUsedUp, Entry, "days allowed within the period are used up"},
	{NoMeans, Entry, "no sufficient means for the stay or for the return"},
	{AlertForRefusal, Entry, "alert issued for refusal of entry"},
	{Threat, Entry, "threat to public policy, internal security, public health or international relations"},
	{NoBiometrics, Entry, "refuses the biometric data that the law requires"},
	{ExitWanted, Exit, "wanted or forbidden to leave by judicial order"},
	{ExitMinor, Exit, "minor without the consent that the law requires"},
	{ExitBadDocument, Exit, "travel document invalid, stolen, lost or revoked"},
	{ExitForbiddenElse, Exit, "other ground laid down by law"},
}

// Grounds lists the grounds for a direction in the order of the form.
func Grounds(dir Direction) []Ground {
	var all []Ground
	for _, r := range groundRows {
		if r.dir == dir {
			all = append(all, r.code)
		}
	}
	return all
}

// Fits reports whether g is a ground for refusing this direction.
func (g Ground) Fits(dir Direction) bool {
	for _, r := range groundRows {
		if r.code == g {
			return r.dir == dir
		}
	}
	return false
}

// Meaning is the short English meaning, for logs of tools and as a translator's source; "" for an unknown code.
func (g Ground) Meaning() string {
	for _, r := range groundRows {
		if r.code == g {
			return r.meaning
		}
	}
	return ""
}
