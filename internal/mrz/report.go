package mrz

// Report is a zone as the command line writes it.
type Report struct {
	ID       string          `json:"id"`
	Format   Format          `json:"format"`
	Valid    bool            `json:"valid"`
	Fields   map[string]any  `json:"fields"`
	Checks   map[string]bool `json:"checks"`
	Errors   []string        `json:"errors"`
	Warnings []string        `json:"warnings"`
	Faults   []Fault         `json:"faults"`
}

var checkNames = [checks]string{"document_number", "birth_date", "expiry_date", "optional_data", "composite"}

// Report names the fields and check digits that the zone's format has. Where the
// lines are of no format or hold a character outside A-Z, 0-9 and the filler,
// fields and checks are empty: such a zone is not one of Doc 9303, and what could
// still be read of it is in the Zone, for the officer's page.
func (z Zone) Report(id string) Report {
	r := Report{
		ID: id, Format: z.Format, Valid: z.Valid(),
		Fields: map[string]any{}, Checks: map[string]bool{},
		Errors: z.Errors(), Warnings: z.Warnings(), Faults: z.Faults,
	}
	if r.Faults == nil {
		r.Faults = []Fault{}
	}
	if z.Format == None || z.illegible() {
		return r
	}
	for k := range checks {
		if z.Checks.Done(k) {
			r.Checks[checkNames[k]] = z.Checks.Holds(k)
		}
	}
	z.fields(r.Fields)
	return r
}

func (z Zone) illegible() bool {
	for _, f := range z.Faults {
		if f.Code == ErrCharset {
			return true
		}
	}
	return false
}

func (z Zone) fields(m map[string]any) {
	m["document_code"] = z.DocumentCode
	m["issuing_state"] = z.IssuingState
	m["document_number"] = z.DocumentNumber
	m["document_number_check"] = z.DocumentNumberCheck
	m["nationality"] = z.Nationality
	m["birth_date"] = z.BirthDate
	m["sex"] = z.Sex
	m["primary"] = z.Primary
	m["secondary"] = z.Secondary
	if z.Format == FRAID {
		m["office"] = z.Office
		m["issue_yymm"] = z.IssueYYMM
		return
	}
	m["expiry_date"] = z.ExpiryDate
	m["optional_data"] = z.OptionalData
	m["name_truncated"] = z.NameTruncated
	if z.NumberLong {
		m["document_number_long"] = true
	}
	if z.Format == TD1 {
		m["optional_data_2"] = z.OptionalData2
	}
}
