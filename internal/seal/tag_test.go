package seal

import "testing"

func TestDocumentTag(t *testing.T) {
	tag := must(DocumentTag(filled(0x33), "UTO", "L898902C3"))
	equalHex(t, "tag", tag[:], "b7430fbd358d79bd3be0a24da0646826ca6795dd8fbe98c88815ca41a7c39221")
	distinct := map[[32]byte]string{tag: "UTO L898902C3"}
	for _, c := range []struct {
		key            byte
		issuer, number string
	}{{0x34, "UTO", "L898902C3"}, {0x33, "UT", "OL898902C3"}, {0x33, "D", "L898902C3"}, {0x33, "UTO", "L898902C"}} {
		got := must(DocumentTag(filled(c.key), c.issuer, c.number))
		if other, ok := distinct[got]; ok {
			t.Errorf("%s %s has the tag of %s", c.issuer, c.number, other)
		}
		distinct[got] = c.issuer + c.number
	}
}

func TestDocumentTagRefuses(t *testing.T) {
	for _, c := range [][2]string{
		{"", "L898902C3"}, {"D<<", "L898902C3"}, {"uto", "L898902C3"}, {"UTOP", "L898902C3"}, {"U1", "L898902C3"},
		{"UTO", ""}, {"UTO", "L898902C<"}, {"UTO", "l898902C3"}, {"UTO", "L8989 02C"}, {"UTO", "L-8"},
		{"UTO", "123456789012345678901234567890123"},
	} {
		got, err := DocumentTag(Key{}, c[0], c[1])
		wantError(t, c[0]+" "+c[1], err, ErrMalformed)
		if got != [32]byte{} {
			t.Errorf("%v is refused with a tag", c)
		}
	}
}

func TestPersonTag(t *testing.T) {
	key := filled(0x33)
	anna, ok := PersonTag(key, "UTO", "740812", "ERIKSSON", "ANNA MARIA")
	if !ok {
		t.Fatal("no tag")
	}
	equalHex(t, "tag", anna[:], "8cf956d1df695caf2d55f797f4cd457747c406d85fa26e934edef70bcce45e28")
	long, _ := PersonTag(key, "D", "640812", "PAPATHEMISTOKLEOUS", "")
	equalHex(t, "long name, no given name", long[:], "c88219b5ba61dbfe6c7125ca3a787585b2dce5da9a48ca70a08f5ae608eb1059")

	for _, c := range []struct {
		nationality, birth, primary, secondary string
		same                                   bool
	}{
		{"UTO", "740812", "ERIKSSON<<", "A", true},
		{"UTO", "740812", "Eriks-son", "<anna", true},
		{"UTO", "740812", "ERIKSSON", "BERTA", false},
		{"UTO", "740812", "ERIKSSON", "", false},
		{"UTO", "740812", "ERIKSSONA", "NNA", false},
		{"UTO", "740813", "ERIKSSON", "ANNA", false},
		{"D", "740812", "ERIKSSON", "ANNA", false},
	} {
		got, ok := PersonTag(key, c.nationality, c.birth, c.primary, c.secondary)
		if !ok || (got == anna) != c.same {
			t.Errorf("%v: ok %v, same tag %v", c, ok, got == anna)
		}
	}
	cut, _ := PersonTag(key, "D", "640812", "PAPATHEMISTO", "")
	if cut != long {
		t.Error("a name cut after twelve letters has another tag")
	}
}

func TestNoPersonTag(t *testing.T) {
	long := string(make([]byte, 257))
	for _, c := range [][4]string{
		{"UTO", "740800", "ERIKSSON", "ANNA"}, {"UTO", "740012", "ERIKSSON", "ANNA"}, {"UTO", "19740812", "ERIKSSON", "ANNA"},
		{"UTO", "74<<<<", "ERIKSSON", "ANNA"}, {"UTO", "74081", "ERIKSSON", "ANNA"}, {"UTO", "", "ERIKSSON", "ANNA"},
		{"UTO", "740812", "", "ANNA"}, {"UTO", "740812", "<<1-", "ANNA"}, {"UTO", "740812", "ERIKSSON" + long, "ANNA"},
		{"UTO", "740812", "ERIKSSON", "ANNA" + long},
		{"", "740812", "ERIKSSON", "ANNA"}, {"D<<", "740812", "ERIKSSON", "ANNA"}, {"UTOP", "740812", "ERIKSSON", "ANNA"},
	} {
		if tag, ok := PersonTag(Key{}, c[0], c[1], c[2], c[3]); ok || tag != [32]byte{} {
			t.Errorf("%q has a tag", c)
		}
	}
}
