package web

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// QR draws a text as a QR code (ISO/IEC 18004, error correction M) in SVG, with the quiet zone of four modules that a scanner
// needs, and a title for those who do not see it. Its colours come from the class qr. Text in capitals, digits and ':' stays in
// the alphanumeric mode, which is the smaller.
func QR(title, text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("web: draw QR code of %d characters: %w", len(text), err)
	}
	size := code.Size + 2*quietZone
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="qr" viewBox="0 0 %d %d" role="img" shape-rendering="crispEdges"><title>%s</title>`,
		size, size, template.HTMLEscapeString(title))
	fmt.Fprintf(&b, `<path class="paper" d="M0 0h%dv%dH0z"/><path class="ink" d="`, size, size)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quietZone, y+quietZone, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil
}

// quietZone is the white border in modules (ISO/IEC 18004, section 6.3.8).
const quietZone = 4
