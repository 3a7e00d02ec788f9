package lists

import (
	"strings"
	"testing"
)

// An invented alert comes in the very list that it watches over; what is neither yes nor no is a mistake of its line.
func TestCanaryColumn(t *testing.T) {
	all, s := take(t, PlainCSV, strings.NewReader("id,name,canary\n1,A,yes\n2,B,no\n3,C,\n4,D,perhaps\n#end,4\n"))
	if len(all) != 3 || !all[0].Canary || all[1].Canary || all[2].Canary || s.Faulty != 1 {
		t.Errorf("%+v, %d faulty", all, s.Faulty)
	}
}
