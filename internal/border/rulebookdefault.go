package border

import "strings"

// DefaultRulebook is a plausible book for Albania (law 79/2021 on foreigners and the visa regime under it), for the demo and
// as a pattern; it has no force. Since is left empty: whoever founds a country knows when its posts began.
//
// Citizens of the United States may stay a year and come again after 90 days abroad; as days in a window this is 365 in any
// 455, which gives back one day at a time what the law gives back at once.
func DefaultRulebook() *Rulebook {
	return &Rulebook{
		Version:  1,
		Country:  "ALB",
		Citizens: Nations{"ALB"},
		VisaFree: []Group{
			{"neighbours", 90, 180, codes("BIH MKD MNE RKS SRB XKX")},
			{"European Union, EEA and Switzerland", 90, 180, codes(
				"AUT BEL BGR CHE CYP CZE D DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ISL ITA LIE LTU LUX LVA MLT NLD NOR POL " +
					"PRT ROU SVK SVN SWE")},
			{"United Kingdom", 90, 180, codes("GBD GBN GBO GBP GBR GBS")},
			{"United States", 365, 455, codes("USA")},
			{"others", 90, 180, codes(
				"AND ARE ARG ARM ATG AUS AZE BHS BRA BRB BRN CAN CHL COL CRI GEO GTM HKG HND ISR JPN KAZ KNA KOR KWT MAC MCO " +
					"MDA MEX MUS MYS NIC NZL PAN PER PRY QAT SGP SLV SMR SYC TUR TWN UKR URY VAT VEN")},
		},
		Bases: map[Basis]BasisRule{
			VisaFree:        {Days: 90, Window: 180},
			Visa:            {Days: 90, Window: 180, NeedsUntil: true},
			ResidencePermit: {NeedsUntil: true},
			LongStayVisa:    {NeedsUntil: true},
			LocalPermit:     {Days: 90, Window: 180, NeedsUntil: true},
			FamilyMember:    {},
			Crew:            {},
			Citizen:         {},
			OtherBasis:      {},
			Diplomat:        {},
		},
		DocumentDays:   90,
		ExpiringDays:   7,
		MinorAge:       18,
		DoubleUseHours: 1,
		Lists:          Ages{AmberHours: 24, RedHours: 72},
		Posts:          Ages{AmberHours: 2, RedHours: 24},
		HitScore:       map[AlertKind]float64{PersonAlert: 10, DocumentAlert: 10, VehicleAlert: 10},
	}
}

func codes(s string) Nations { return strings.Fields(s) }
