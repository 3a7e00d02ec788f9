package node

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tims/internal/roster"
)

// An OfficerChange says what becomes of the officer of a label.
type OfficerChange struct {
	Label  string
	Duties []roster.Duty // of a new officer, or new duties of one who is there; none keeps them
	Drop   bool          // he is out, and his passkey with him
}

// ChangeOfficer makes the approved change of the roster that adds an officer, gives one a new enrolment key because his passkey
// is lost, or drops him. The code makes his next passkey and is for him alone; empty where he is dropped.
func ChangeOfficer(c OfficerChange, f roster.Founding, changes []roster.Approved, now time.Time,
	approve Approver) (all []roster.Approved, code string, err error) {
	all, err = draftRoster(f, changes, now, approve, func(r *roster.Roster) (err error) {
		r.Officers = slices.Clone(r.Officers)
		code, err = c.edit(r)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("change of officer %s: %w", c.Label, err)
	}
	return all, code, nil
}

func (c OfficerChange) edit(r *roster.Roster) (code string, err error) {
	at := slices.IndexFunc(r.Officers, func(o roster.Officer) bool { return o.Label == c.Label && !o.Dropped })
	switch {
	case c.Drop && at < 0:
		return "", errors.New("no such officer is in the roster")
	case c.Drop:
		r.Officers[at].Dropped = true
		return "", nil
	case at < 0 && len(c.Duties) == 0:
		return "", errors.New("no such officer is in the roster; a new one needs duties")
	}
	fresh, code := enrol(PlannedOfficer{Label: c.Label, Duties: c.Duties})
	if at < 0 {
		r.Officers = append(r.Officers, fresh)
		return code, nil
	}
	r.Officers[at].Enrol = fresh.Enrol
	if len(c.Duties) > 0 {
		r.Officers[at].Duties = c.Duties
	}
	return code, nil
}
