package post

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/station"
)

// A vehicleForm is the party's vehicle as typed.
type vehicleForm struct {
	Plate, Country, Kind, Occupants string
	Fault                           string
	vehicle                         node.Vehicle
}

// vehicleKinds are offered in the order in which they come; "" is on foot.
var vehicleKinds = []border.VehicleKind{0, border.Car, border.Lorry, border.Bus, border.Motorcycle, border.OtherVehicle}

// readVehicle reads the fields. A plate without a kind is a car's: most are, and it saves a key.
func readVehicle(values url.Values, w station.Words) vehicleForm {
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	f := vehicleForm{Plate: strings.ToUpper(get("plate")), Country: strings.ToUpper(get("country")), Kind: get("kind"), Occupants: get("occupants")}
	kind, err := border.ParseVehicleKind(f.Kind)
	n := 0
	if f.Occupants != "" && err == nil {
		n, err = strconv.Atoi(f.Occupants)
	}
	if kind == 0 && f.Plate != "" {
		kind, f.Kind = border.Car, border.Car.String()
	}
	f.vehicle = node.Vehicle{Plate: f.Plate, Country: f.Country, Kind: kind, Occupants: n}
	if err != nil || len(f.Plate) > maxPlate || len(f.Country) > 3 || n < 0 || n > maxParty {
		f.Fault = w.T("error.vehicle")
	}
	return f
}

func vehicleFields(v node.Vehicle) vehicleForm {
	f := vehicleForm{Plate: v.Plate, Country: v.Country, Kind: v.Kind.String(), vehicle: v}
	if v.Occupants > 0 {
		f.Occupants = strconv.Itoa(v.Occupants)
	}
	return f
}

// keepVehicle takes the vehicle's fields where the form has them; false where they cannot be.
func (f *Face) keepVehicle(r *http.Request, b *booth) bool {
	if !r.PostForm.Has("plate") {
		return true
	}
	v := readVehicle(r.PostForm, f.Words(r))
	if v.Fault != "" {
		return false
	}
	*b = f.booths.update(b.shift, func(b *booth) { b.vehicle = v.vehicle })
	return true
}

// vehicleText names a vehicle in a line, empty where there is none.
func vehicleText(w station.Words, v node.Vehicle) string {
	if v.Kind == 0 && v.Plate == "" {
		return ""
	}
	return strings.Join(strings.Fields(w.Vehicle(v.Kind)+" "+v.Plate+" "+v.Country), " ")
}
