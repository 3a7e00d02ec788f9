package roster

import "testing"

// It is enough that one of two posts names the other; nodes of one place need no naming; centres and dropped nodes are none.
func TestNeighboursOf(t *testing.T) {
	r := Roster{Nodes: []Node{
		{Name: "centre", Role: Centre, Place: "Tirana"},
		{Name: "kakavija", Role: Post, Place: "Kakavija", Neighbours: []string{"qafe", "centre", "gone", "nobody"}},
		{Name: "qafe", Role: Post, Place: "Qafë Botë"},
		{Name: "kakavija-2", Role: Post, Place: "Kakavija"},
		{Name: "durres", Role: Post, Place: "Durrës", Neighbours: []string{"kakavija"}},
		{Name: "rinas", Role: Post},
		{Name: "vlore", Role: Post},
		{Name: "gone", Role: Post, Dropped: true},
	}}
	for name, want := range map[string]string{"kakavija": "qafe kakavija-2 durres ", "qafe": "kakavija ", "kakavija-2": "kakavija ",
		"durres": "kakavija ", "rinas": "", "centre": "", "nobody": ""} {
		got := ""
		for _, n := range r.NeighboursOf(name) {
			got += n.Name + " "
		}
		if got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, bad := range [][]string{{"Two Words"}, {""}, make([]string, maxNeighbours+1)} {
		n := begin(t).Roster.Nodes[0]
		if n.Neighbours = bad; n.valid() == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}
