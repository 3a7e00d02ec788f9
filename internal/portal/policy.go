package portal

import (
	"bytes"
	"fmt"
	"net/http"
)

// servePolicy hands out the verifier keys of all logs that are held here, as a policy (C2SP tlog-policy) by which anybody judges
// proofs off line. It asks for no witness: whose cosignatures a reader wants to see is not for a portal to say. The founding is
// not handed out, for it names officers.
func (p *Portal) servePolicy(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The logs of %s that this portal holds. Compare the keys with those that the crossing points\n"+
		"# publish themselves, and add the witnesses and the quorum that you trust.\n", p.ring.Country())
	for _, l := range p.all() {
		fmt.Fprintf(&b, "log %s\n", l.Key())
	}
	b.WriteString("quorum none\n")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="tims-policy.txt"`)
	w.Write(b.Bytes())
}
