package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"tims/internal/node"
	"tims/internal/tlog"
)

// listedLog is one log in the list of a public listener.
type listedLog struct {
	Origin string `json:"origin"`
	Path   string `json:"path"`
	VKey   string `json:"vkey"`
	Size   uint64 `json:"size"`
}

var listenerClient = &http.Client{Timeout: httpTime,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// listener checks every log that a node's public listener serves. Nothing that it answers is believed but its signatures.
func (v *verification) listener(base *url.URL) error {
	b, err := v.get(base.JoinPath("logs"), maxListing)
	if errors.Is(err, fs.ErrNotExist) {
		return misused("%s is no public listener of a node: it has no list at /logs", base.Redacted())
	}
	if err != nil {
		return err
	}
	var logs []listedLog
	if err := json.Unmarshal(b, &logs); err != nil || len(logs) > maxLogs {
		return misused("%s is no public listener of a node: /logs is no list of at most %d logs", base.Redacted(), maxLogs)
	}
	seen := map[string]bool{}
	for _, l := range logs {
		key := v.pins[l.Origin]
		if key == "" {
			key, v.Pinned = l.VKey, false
		}
		if l.Path != "/"+tlog.DirName(l.Origin) || l.VKey != key || !strings.HasPrefix(l.VKey, l.Origin+"+") || seen[l.Origin] {
			v.Found = append(v.Found, node.Finding{Where: l.Origin, What: "the listener lists it twice, or under another path or key than its own"})
			continue
		}
		seen[l.Origin] = true
		if l.Size == 0 {
			v.Logs++ // it has no checkpoint before its first record
			continue
		}
		if err := v.served(base, l, key); err != nil {
			return err
		}
	}
	v.missing(seen)
	return nil
}

func (v *verification) served(base *url.URL, l listedLog, key string) error {
	got, err := tlog.VerifyTiles(v.ctx, key, tlog.TilesOptions{Progress: func(done, total uint64) { v.say(l.Origin, done, total) }},
		func(path string) ([]byte, error) { return v.get(base.JoinPath(l.Path, path), limitOf(path)) })
	if err != nil && got.Origin == "" {
		v.Found = append(v.Found, node.Finding{Where: l.Origin, What: "its key in the list is no verifier key of a log"})
		return nil
	}
	v.take(got)
	if err == nil && got.Size < l.Size && len(got.Troubles) == 0 {
		v.Found = append(v.Found, node.Finding{Where: l.Origin, Index: got.Size,
			What: fmt.Sprintf("the listener lists %s and its signed checkpoint covers %d", many(l.Size, "record"), got.Size)})
	}
	return err
}

func limitOf(path string) int64 {
	switch {
	case strings.HasPrefix(path, "tile/entries/"):
		return maxBundle
	case strings.HasPrefix(path, "tile/"):
		return maxHashTile
	}
	return maxNote
}

// get fetches one file. What is not there is fs.ErrNotExist, as package tlog wants it.
func (v *verification) get(u *url.URL, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(v.ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := listenerClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusForbidden && strings.Contains(u.Path, "/tile/entries/"):
		return nil, fs.ErrNotExist
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answers %s", u.Redacted(), resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is over %d bytes", u.Redacted(), limit)
	}
	return b, err
}
