package roster

import "slices"

// A Power is one thing that an officer may be allowed to do. Whoever asks anything of a node in an officer's name is let
// through by one question, Officer.Can, at one gate.
type Power string

const (
	CheckTravellers Power = "check"      // scan, decide, take back one's own decision, propose a correction
	DecideReferrals Power = "second"     // take referrals, see all that is known, give an outcome
	ReadPost        Power = "read-post"  // the supervisor's books of the own post
	RunPost         Power = "run-post"   // regime, counts, hand-over, assent to corrections
	TypePaper       Power = "paper"      // type in sheets
	SendMessages    Power = "send"       // messages
	ReadMessages    Power = "messages"   //
	AssentToActs    Power = "assent"     // be the second officer of an act of two
	SearchCountry   Power = "search"     // find a person's crossings at the centre
	ReadFigures     Power = "figures"    // counts and states of nodes; no traveller
	EditAlerts      Power = "alerts"     // write single alerts: at a centre; at a post urgent ones that end within days
	ReadHits        Power = "hits"       // hits that concern whoever issued the alert, discreet ones too, and what came of them
	IsolateNode     Power = "isolate"    // cut the own node off on purpose, and bring it back
	RunNode         Power = "administer" // software, lists, links: no traveller
)

// powers is the table of duties. The administrator has no power by which a traveller could be read.
var powers = map[Power][]Duty{
	CheckTravellers: {BoothOfficer, SecondLine},
	DecideReferrals: {SecondLine},
	ReadPost:        {Supervisor},
	RunPost:         {Supervisor},
	TypePaper:       {BoothOfficer, SecondLine, Supervisor},
	SendMessages:    {Supervisor, Analyst},
	ReadMessages:    {BoothOfficer, SecondLine, Supervisor, Analyst},
	AssentToActs:    {BoothOfficer, SecondLine, Supervisor},
	SearchCountry:   {Analyst},
	ReadFigures:     {Supervisor, Analyst, Administrator},
	EditAlerts:      {Supervisor, Analyst},
	ReadHits:        {Analyst},
	IsolateNode:     {Supervisor, Administrator},
	RunNode:         {Administrator},
}

// Can reports whether the officer's duties give the power.
func (o Officer) Can(p Power) bool {
	return slices.ContainsFunc(powers[p], o.May)
}
