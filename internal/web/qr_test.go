package web

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

func TestQRDrawsEveryModule(t *testing.T) {
	text := "TIMS2:" + strings.Repeat("A2B3C4D5", 30)
	svg, err := QR(`a "title" <b>`, text)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil || !strings.Contains(string(svg), "a &#34;title&#34; &lt;b&gt;") {
		t.Errorf("not well-formed, or the title is not escaped: %v", err)
	}
	code, _ := qr.Encode(text, qr.M)
	black := map[string]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(string(svg), -1) {
		x, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			black[fmt.Sprint(x+i, " ", m[2])] = true
		}
	}
	drawn := 0
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				drawn++
			}
			if code.Black(x, y) != black[fmt.Sprint(x+4, " ", y+4)] {
				t.Fatalf("module %d, %d differs", x, y)
			}
		}
	}
	if drawn != len(black) {
		t.Errorf("%d modules drawn of %d", len(black), drawn)
	}
}

func TestQRRefusesWhatDoesNotFit(t *testing.T) {
	if _, err := QR("t", strings.Repeat("a", 5000)); err == nil {
		t.Error("5000 letters in one code")
	}
}
