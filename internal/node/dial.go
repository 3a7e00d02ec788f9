package node

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"tims/internal/keyring"
	"tims/internal/roster"
)

// clientFor makes a client for one peer. pinned accepts only the identity key that the roster has for it.
func (n *Node) clientFor(peer string, pinned bool) *http.Client {
	return &http.Client{Timeout: 5 * time.Minute, Transport: &http.Transport{
		ResponseHeaderTimeout: 30 * time.Second, MaxConnsPerHost: 2, IdleConnTimeout: time.Minute, DisableCompression: true,
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := n.opt.Dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			cert, err := n.ring.Certificate(n.opt.Now())
			if err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			secure := tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
				InsecureSkipVerify: true, // the identity key is pinned below; no authority stands between nodes
				VerifyConnection: func(s tls.ConnectionState) error {
					name, err := n.peerOf(s)
					if pinned && (err != nil || name != peer) {
						return keyring.ErrPin
					}
					return nil
				}})
			ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
			defer cancel()
			if err := secure.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			return secure, nil
		}}}
}

// learnFrom asks a peer that the roster does not know by its present key for approved changes. Nothing else is believed of
// it: a change counts by its approvals alone. That is how posts come to know a rebuilt centre.
func (n *Node) learnFrom(ctx context.Context, peer, base string) (int, error) {
	client := n.clientFor(peer, false)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+pathChanges, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return n.learnAll(ctx, io.LimitReader(resp.Body, roster.MaxChanges))
}
