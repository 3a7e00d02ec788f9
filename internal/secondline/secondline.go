// Package secondline is the face of the second line: the travellers that the booths referred, in order; all that is known of
// one of them; the outcome, by code; and the second officer of "other person". The booth is told through Answers.
//
// Trust: everything stands behind the powers of the roster, asked by the station at each request and by the node again at each
// act. A discreet alert is shown nowhere here. Addresses carry the index of a record and nothing of a person. Who has taken a
// traveller is a mark in memory for the colleagues at the next desk; it is no right, and is gone with the process.
package secondline

import (
	"embed"
	"io/fs"
	"net/http"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// Files are the pages and words of this package, for station.Open.
func Files() fs.FS { return files }

// A Face serves the second line's pages of one post.
type Face struct {
	*station.Station
	taken   taken
	reasons reasons
}

// Mount adds the second line's pages to a station that was opened with Files.
func Mount(st *station.Station) *Face {
	f := &Face{Station: st}
	st.Nav(station.Entry{Href: "/second", Text: "second.nav", Power: roster.DecideReferrals, Main: roster.SecondLine, Count: f.countWaiting},
		station.Entry{Href: "/second-officer", Text: "second.agree.nav", Power: roster.AssentToActs, Count: f.countProposed})
	st.Live(liveQueue, roster.DecideReferrals, f.queueNow)
	st.Handle("GET /second", roster.DecideReferrals, f.serveQueue)
	st.Handle("GET /second/{index}", roster.DecideReferrals, f.serveDossier)
	st.Handle("GET /second/{index}/face/{name}", roster.DecideReferrals, f.serveFace)
	st.Handle("POST /second/{index}/take", roster.DecideReferrals, f.serveTake)
	st.Handle("POST /second/{index}/leave", roster.DecideReferrals, f.serveLeave)
	st.Deed("POST /second/{index}", roster.DecideReferrals, station.Deed{Read: f.readOutcome, Ask: f.askBack, Done: f.doneOutcome,
		Mend: f.mendOutcome, What: whatOutcome, Back: backToDossier})
	st.Handle("GET /second-officer", roster.AssentToActs, f.serveProposals)
	st.Handle("GET /second-officer/{index}", roster.AssentToActs, f.serveProposal)
	st.Deed("POST /second-officer/{index}", roster.AssentToActs, station.Deed{Read: f.readAssent, Done: f.doneAssent,
		Mend: f.mendAssent, What: whatAssent, Back: func(*http.Request) string { return "/second-officer" }})
	st.Know(troubles...)
	return f
}

// troubles are those of the second line in words. The first three are met by other faces too.
var troubles = []station.Trouble{
	{Err: node.ErrNotStanding, Key: "second.error.standing", Status: http.StatusNotFound, Mend: true},
	{Err: node.ErrSameOfficer, Key: "second.error.same", Status: http.StatusForbidden, Mend: true},
	{Err: node.ErrAssented, Key: "second.error.assented", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrOutcome, Key: "second.error.outcome", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: node.ErrAnswered, Key: "second.error.answered", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrAlertGone, Key: "second.error.gone", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrRemember, Key: "second.error.remember", Status: http.StatusConflict, Mend: true},
}

// An outcome is one code with its key and how it is shown.
type outcome struct {
	code  record.Outcome
	key   string
	level web.Level
}

// outcomes are in the order of their keys. Those of the booth mean the same there: F2 lets pass, F4 refuses.
var outcomes = []outcome{{record.Cleared, "F2", web.OK}, {record.HandedOver, "F3", web.Amber}, {record.Refused, "F4", web.Red},
	{record.SamePerson, "F6", web.Red}, {record.OtherPerson, "F7", web.Grey}, {record.Unsure, "F10", web.Amber}}

// aboutHit are the outcomes that are about one hit, and leave open what is to become of the traveller.
func aboutHit(code record.Outcome) bool {
	return code == record.SamePerson || code == record.OtherPerson || code == record.Unsure
}

// shownAs gives the outcome of a code, nil where there is none.
func shownAs(code record.Outcome) *outcome {
	for i := range outcomes {
		if outcomes[i].code == code {
			return &outcomes[i]
		}
	}
	return nil
}
