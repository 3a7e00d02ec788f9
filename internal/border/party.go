package border

// VehicleKind says in what a party crosses. Zero is on foot. The numbers stand in records and never change.
type VehicleKind uint8

const (
	Car          VehicleKind = 1
	Lorry        VehicleKind = 2
	Bus          VehicleKind = 3
	Motorcycle   VehicleKind = 4
	OtherVehicle VehicleKind = 5
)

// Escort says who is with a minor. The numbers stand in records and never change.
type Escort uint8

const (
	BothParents Escort = 1
	OneParent   Escort = 2 // with the other's consent, or none is needed
	Guardian    Escort = 3
	OtherAdult  Escort = 4 // with the written consent of who has custody
	Alone       Escort = 5
)

var (
	vehicleWords = vocabulary{"kind of vehicle", []string{"", "car", "lorry", "bus", "motorcycle", "other"}}
	escortWords  = vocabulary{"escort", []string{"", "parents", "one-parent", "guardian", "other-adult", "alone"}}
)

// String is "car", "lorry", "bus", "motorcycle" or "other", and "" on foot.
func (k VehicleKind) String() string { return vehicleWords.text(uint8(k)) }

// ParseVehicleKind reads the words of String; "" is on foot.
func ParseVehicleKind(s string) (VehicleKind, error) {
	if s == "" {
		return 0, nil
	}
	n, err := vehicleWords.parse(s)
	return VehicleKind(n), err
}

// String is "parents", "one-parent", "guardian", "other-adult" or "alone", and "" where nothing was said.
func (e Escort) String() string { return escortWords.text(uint8(e)) }

// ParseEscort reads the words of String; "" is nothing said.
func ParseEscort(s string) (Escort, error) {
	if s == "" {
		return 0, nil
	}
	n, err := escortWords.parse(s)
	return Escort(n), err
}

// NoDocumentCode stands in place of a document's code where a traveller has none: the number is then that of his national
// identity or of the declaration that the second line took. No zone can hold it (Doc 9303 part 3, 4.4: at most two letters).
const NoDocumentCode = "NONE"
