// Package ofacdata carries one issue of the OFAC SDN list, for tests and the demo. It is real, public, and out of date:
// a running post imports today's from its issuer. README.md gives origin and licence.
package ofacdata

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
)

//go:embed sdn.csv.gz
var sdn []byte

//go:embed alt.csv.gz
var alt []byte

// Files opens the list as lists.Import takes it: by the issuer's own file names. Each call starts anew.
func Files() map[string]io.Reader {
	return map[string]io.Reader{"sdn.csv": open(sdn), "alt.csv": open(alt)}
}

func open(packed []byte) io.Reader {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("ofacdata: the embedded list: " + err.Error())
	}
	return r
}
