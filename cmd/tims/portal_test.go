package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A portal that is a process of its own learns of the posts from what they push, shows a receipt of one of them while the centre
// is off, and gives a proof that the command line verifies with the founding alone.
func TestPortalProcess(t *testing.T) {
	a := foundAland(t, [2]string{"public", "portal"})
	a.launch("public")
	a.start("centre", "eckero")
	site := "http://" + a.people["public"]
	get := func(path string) (int, []byte) {
		resp, err := http.Get(site + path)
		if err != nil {
			return 0, nil
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, b
	}
	var now struct {
		Crossings []struct {
			Node   string `json:"node"`
			Record *struct {
				Proof string `json:"proof"`
			} `json:"record"`
		} `json:"crossings"`
	}
	var proof string
	a.until("the portal shows a signed count of eckero", func() bool {
		status, b := get("/crossings.json")
		if status != http.StatusOK || json.Unmarshal(b, &now) != nil {
			return false
		}
		for _, c := range now.Crossings {
			if c.Node == "eckero" && c.Record != nil {
				proof = c.Record.Proof
			}
		}
		return proof != ""
	})
	a.stop("centre")
	status, b := get(proof)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d", proof, status)
	}
	file := a.write("count.tlog-proof", string(b))
	founding := filepath.Join(a.node("eckero"), "founding")
	must(t, 0, "verify-receipt", file, "--founding", founding)
	forged := a.write("forged.tlog-proof", strings.Replace(string(b), "index ", "index 1", 1))
	must(t, 1, "verify-receipt", forged, "--founding", founding)
	if _, err := os.Stat(filepath.Join(a.node("public"), "log.db")); !os.IsNotExist(err) {
		t.Error("the portal has a log of its own")
	}
	a.stop("public")
	a.stop("eckero")
}
