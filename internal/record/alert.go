package record

import "tims/internal/border"

// AlertBody is a single alert, written by a centre's analyst or, urgent and for some days, by a post's supervisor. It is in force
// wherever it is read. A later one with the same id replaces it as far as it does not weaken it.
type AlertBody struct {
	Alert  border.Alert `cbor:"1,keyasint"`
	Reason string       `cbor:"2,keyasint"` // case number or order on which it is written; no booth shows it
}

// AlertChangeBody asks that a single alert be withdrawn. It takes effect at each node once the authority has approved the loss.
type AlertChangeBody struct {
	ID     string `cbor:"1,keyasint"`
	Reason string `cbor:"2,keyasint"`
}
