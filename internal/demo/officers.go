package demo

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"tims/internal/control"
	"tims/internal/node"
	"tims/internal/passkey"
	"tims/internal/record"
	"tims/internal/roster"
)

// Labels of the officers of the demonstration that its doors lead to.
const (
	OfficerLabel    = "K-17 A. Hoxha"    // at a booth
	SecondLineLabel = "K-21 D. Prifti"   // in the second line
	SupervisorLabel = "K-31 F. Dervishi" // of a post
	AnalystLabel    = "A-01 H. Kola"     // at the centre
	robotLabel      = "K-00 robot"       // decides for the invented travellers
)

// officers cover every duty. Where an act needs two of a kind, there are two.
var officers = []node.PlannedOfficer{
	{Label: OfficerLabel, Duties: []roster.Duty{roster.BoothOfficer}},
	{Label: "K-18 B. Leka", Duties: []roster.Duty{roster.BoothOfficer}},
	{Label: SecondLineLabel, Duties: []roster.Duty{roster.SecondLine}},
	{Label: "K-22 E. Marku", Duties: []roster.Duty{roster.SecondLine}},
	{Label: SupervisorLabel, Duties: []roster.Duty{roster.Supervisor}},
	{Label: "K-32 G. Basha", Duties: []roster.Duty{roster.Supervisor}},
	{Label: AnalystLabel, Duties: []roster.Duty{roster.Analyst}},
	{Label: "A-02 L. Shehu", Duties: []roster.Duty{roster.Analyst}},
	{Label: "S-01 I. Gjoka", Duties: []roster.Duty{roster.Administrator}},
	{Label: robotLabel, Duties: []roster.Duty{roster.BoothOfficer}},
}

// A Door is a way into a node: who opens a shift there, and at which booth.
type Door struct{ Name, Officer, Booth string }

// Doors of a post, and of the centre, in the order in which they are shown.
var (
	PostDoors   = []Door{{"booth", OfficerLabel, "K1"}, {"second", SecondLineLabel, "L1"}, {"supervisor", SupervisorLabel, "S1"}}
	CentreDoors = []Door{{"analyst", AnalystLabel, ""}}
)

// Door gives the address at which the officer of a door signs in at a node, everything filled in.
func (c *Country) Door(name, door string) (string, error) {
	if c.Node(name) == nil {
		return "", fmt.Errorf("%s is switched off", name)
	}
	doors := PostDoors
	if name == CentreName {
		doors = CentreDoors
	}
	for _, d := range doors {
		if d.Name == door {
			q := url.Values{"officer": {d.Officer}, "booth": {d.Booth}}
			return fmt.Sprintf("http://%s/enter?%s", c.PublicName(c.PeopleAddress(name)), q.Encode()), nil
		}
	}
	return "", fmt.Errorf("%s has no door %q", name, door)
}

// passkeysFile keeps what the passkeys in software are made of: in a country each officer has his own, and nobody this file.
const passkeysFile = "passkeys.json"

// passkeys are those of all officers of the demonstration.
type passkeys struct {
	Seed  []byte            `json:"seed"`  // 32 bytes; with the label it gives an officer's passkey
	Codes map[string]string `json:"codes"` // one-time codes by label
}

func (c *Country) newPasskeys(codes map[string]string) error {
	c.passkeys = passkeys{Seed: make([]byte, 32), Codes: codes}
	rand.Read(c.passkeys.Seed)
	b, err := json.Marshal(c.passkeys)
	if err != nil {
		return fmt.Errorf("keep the passkeys: %w", err)
	}
	return os.WriteFile(filepath.Join(c.dir, passkeysFile), b, 0o600)
}

func (c *Country) readPasskeys() error {
	b, err := os.ReadFile(filepath.Join(c.dir, passkeysFile))
	if err != nil {
		return fmt.Errorf("the country in %s has no officers with passkeys; delete the directory: %w", c.dir, err)
	}
	if err := json.Unmarshal(b, &c.passkeys); err != nil {
		return errors.New("the file of the officers' passkeys is damaged")
	}
	return nil
}

// Code is an officer's one-time code, for whoever wants to make a passkey of his own for him.
func (c *Country) Code(label string) string { return c.passkeys.Codes[label] }

func (c *Country) passkey(label string) (*passkey.Software, error) {
	return passkey.NewSoftware(sha256.Sum256(append(c.passkeys.Seed[:len(c.passkeys.Seed):len(c.passkeys.Seed)], label...)))
}

// origin is where a passkey in software says that it is used: localhost, whatever address the demonstration listens on, for it
// is the country's domain and there is no certificate.
func (c *Country) origin(n *node.Node) string {
	_, port, err := net.SplitHostPort(c.PeopleAddress(n.Name()))
	if err != nil {
		return "" // refused like any other wrong origin
	}
	return "http://localhost:" + port
}

// signShift signs a shift with the passkey in software of the officer of a label, and makes that passkey first where the node
// does not know it yet, as its officer would.
func (c *Country) signShift(ctx context.Context, n *node.Node, label string, nonce []byte, b record.ShiftBody) (record.ShiftBody, error) {
	o, err := control.OfficerByLabel(n.State().Roster, label)
	if err != nil {
		return b, err
	}
	s, err := c.passkey(label)
	if err != nil {
		return b, err
	}
	if !n.HasPasskey(o) {
		if err := c.enrol(ctx, n, o, s); err != nil {
			return b, fmt.Errorf("enrol the officer of the demonstration: %w", err)
		}
	}
	b.Officer = o.ID
	return s.SignShift(n.RelyingParty(), c.origin(n), nonce, b)
}

func (c *Country) enrol(ctx context.Context, n *node.Node, o roster.Officer, s *passkey.Software) error {
	nonce := n.Nonce()
	made, err := s.Make(n.RelyingParty(), c.origin(n), passkey.EnrolChallenge(nonce, o.ID))
	if err != nil {
		return err
	}
	_, err = n.Enrol(ctx, c.Code(o.Label), nonce, made)
	return err
}

// withPasskeys answers for the officers' authenticators beside a node's pages: POST /demo/passkey signs what the sign-in page
// asks. The node verifies it like any other passkey.
func (c *Country) withPasskeys(n *node.Node, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("POST /demo/passkey", http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxAsk)
		key, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("key"))
		nonce, nerr := base64.RawURLEncoding.DecodeString(r.PostFormValue("nonce"))
		if err != nil || nerr != nil {
			http.Error(w, "no booth key or no nonce", http.StatusBadRequest)
			return
		}
		b, err := c.signShift(r.Context(), n, r.PostFormValue("officer"), nonce, record.ShiftBody{Booth: r.PostFormValue("booth"), BoothKey: key})
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		text := base64.RawURLEncoding.EncodeToString
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"officer": text(b.Officer[:]), "credential": text(b.Passkey.Credential),
			"client": text(b.Passkey.ClientData), "authenticator": text(b.Passkey.Authenticator), "signature": text(b.Passkey.Signature)})
	})))
	return mux
}
