package node

import (
	"errors"
	"fmt"

	"tims/internal/projection"
	"tims/internal/record"
)

// deedBodies says for each kind that the projection keeps as a deed which part its body is.
var deedBodies = map[record.Kind]struct {
	part  record.Part
	empty func() any
}{
	record.Shift:           {record.Body, func() any { return new(record.ShiftBody) }},
	record.Void:            {record.Body, func() any { return new(record.VoidBody) }},
	record.Correction:      {record.Body, func() any { return new(record.CorrectionBody) }},
	record.Late:            {record.Body, func() any { return new(record.LateBody) }},
	record.ReferralOutcome: {record.Police, func() any { return new(record.OutcomePart) }},
	record.Regime:          {record.Body, func() any { return new(record.RegimeBody) }},
	record.Count:           {record.Body, func() any { return new(record.CountBody) }},
	record.Message:         {record.Body, func() any { return new(record.MessageBody) }},
	record.Sheets:          {record.Body, func() any { return new(record.SheetsBody) }},
	record.Alarm:           {record.Body, func() any { return new(record.AlarmBody) }},
	record.Status:          {record.Open, func() any { return new(record.StatusOpen) }},
	record.Handover:        {record.Body, func() any { return new(record.HandoverBody) }},
}

// errUnread: the key of a deed's body is not here. A node that was rebuilt goes without its older deeds until the keys come.
var errUnread = errors.New("its body cannot be read here")

// bodyOf decodes the body of a deed that this node may read.
func bodyOf[B any](d projection.Deed) (b B, err error) {
	if len(d.Body) == 0 {
		return b, fmt.Errorf("a %v: %w", d.Kind, errUnread)
	}
	if err := record.Unmarshal(d.Body, &b); err != nil {
		return b, fmt.Errorf("read a %v: %w", d.Kind, err)
	}
	return b, nil
}
