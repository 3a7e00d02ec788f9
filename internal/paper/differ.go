package paper

import (
	"slices"
	"sync"

	"tims/internal/record"
)

// differs remembers, for each form that is being typed, in which fields it was told to differ from the first keying. Only these
// may differ in the end: a browser that names fields by itself would make the second keying worth nothing. A restart forgets,
// and the fields are asked for once more.
type differs struct {
	mu     sync.Mutex
	fields map[record.Act][]string
}

// told gives the fields that were named to this form.
func (d *differs) told(act record.Act) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.fields[act])
}

// tell notes that these fields are named now, and gives those that had not been before.
func (d *differs) tell(act record.Act, fields []string) (fresh []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fields == nil || len(d.fields) >= maxDiffers && d.fields[act] == nil {
		d.fields = map[record.Act][]string{}
	}
	for _, name := range fields {
		if !slices.Contains(d.fields[act], name) {
			d.fields[act] = append(d.fields[act], name)
			fresh = append(fresh, name)
		}
	}
	return fresh
}

func (d *differs) forget(act record.Act) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.fields, act)
}

// inputs are the fields of the form that belong to a name of node.DifferError.
func inputs(name string) []string {
	switch name {
	case "happened":
		return []string{"day", "time"}
	case "plate":
		return []string{"plate", "country"}
	case "decision":
		return []string{"decision", "ground"}
	}
	return []string{name}
}
