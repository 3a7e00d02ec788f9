package record

// Readers is the set of classes of readers to whom a part is sealed (design, section 3, the readers' table). The roster
// says which keys belong to a class.
type Readers uint8

const (
	OwnPost   Readers = 1 << iota // the nodes of the post that wrote it
	Centres                       // every centre
	AllPosts                      // every post
	Recovery                      // the recovery key, kept in shares by different institutions
	Auditor                       // the data-protection auditor
	Everybody                     // in clear
)

// A Class is a retention class: parts of one class and one month of expiry share a bucket key, so all parts of a class
// have the same readers. The numbers stand in wraps and never change.
type Class uint8

const (
	ClassSlip    Class = 1
	ClassPerson  Class = 2
	ClassPolice  Class = 3
	ClassMedia   Class = 4
	ClassAlert   Class = 5 // alerts and lists
	ClassShift   Class = 6 // shifts and what else concerns a post and the centre alone
	ClassAudit   Class = 7 // searches and exports
	ClassMessage Class = 8
	ClassOpen    Class = 9 // in clear; has no bucket
)

// classes gives the readers of each class, and the months after which no part of it may lawfully be kept. Ordinary erasure
// comes earlier and is computed from the log; the month is the backstop for forgotten copies. Five years are those of
// overstayers in Regulation (EU) 2017/2226 article 34(3), and a month to end in; logs of access follow its article 46(4),
// one year after what was read.
var classes = map[Class]struct {
	readers Readers
	months  int
}{
	ClassSlip:    {AllPosts | Centres, 61},
	ClassPerson:  {OwnPost | Centres | Recovery, 61},
	ClassPolice:  {OwnPost | Centres | Recovery, 61},
	ClassMedia:   {OwnPost | Centres | Recovery, 61},
	ClassAlert:   {AllPosts | Centres, 61},
	ClassShift:   {OwnPost | Centres | Recovery, 73},
	ClassAudit:   {Auditor, 73},
	ClassMessage: {AllPosts | Centres, 61}, // the envelope; a letter to some is sealed once more, to them
	ClassOpen:    {Everybody, 0},
}

// Readers gives who reads the parts of a class.
func (c Class) Readers() Readers { return classes[c].readers }

// Months gives how long a part of the class may be kept at the very most.
func (c Class) Months() int { return classes[c].months }

// ClassOf gives the class of one part of a kind. The body of a kind that this version does not know is read by its own post
// and the centres alone: less is lost by asking again than by telling too many.
func ClassOf(k Kind, p Part) Class {
	switch p {
	case Open:
		return ClassOpen
	case Slip:
		return ClassSlip
	case Person:
		return ClassPerson
	case Police:
		return ClassPolice
	case Media:
		return ClassMedia
	}
	switch k {
	case Alert, AlertChange, List, ReferralOutcome: // of an outcome: what every post's matching needs
		return ClassAlert
	case Message, MessageReceipt:
		return ClassMessage
	case Search, Export:
		return ClassAudit
	}
	return ClassShift
}
