package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"

	"tims/internal/demo/traveller"
	"tims/internal/node"
	"tims/internal/portal"
	"tims/internal/roster"
	"tims/internal/web"
)

// PortalName is the public face of the country.
const PortalName = "portal"

// portalPlan is its entry in the first roster.
var portalPlan = node.PlannedNode{Name: PortalName, Role: roster.Portal, Place: "Tirana, public"}

// onMap says where the posts lie.
var onMap = []portal.Place{
	{Name: traveller.Kakavija, Label: "Kakavijë", Lat: 39.906, Lon: 20.363},
	{Name: traveller.Durres, Label: "Durrës", Lat: 41.308, Lon: 19.455},
	{Name: traveller.Rinas, Label: "Rinas", Lat: 41.415, Lon: 19.720},
	{Name: traveller.Morina, Label: "Morinë", Lat: 42.158, Lon: 20.545},
}

// PortalAddress is where the public pages are.
func (c *Country) PortalAddress() string { return c.at(1 + 3*len(places)) }

func (c *Country) portalPeers() string { return c.at(2 + 3*len(places)) }

// A publicFace is the running portal with its listeners.
type publicFace struct {
	portal *portal.Portal
	cancel context.CancelFunc
	served sync.WaitGroup
}

// openPortal starts the portal of the country. One that was founded before there were portals has none.
func (c *Country) openPortal() error {
	if _, ok := c.founding.Roster.Node(PortalName); !ok {
		return nil
	}
	p, err := portal.Open(portal.Options{Dir: filepath.Join(c.dir, PortalName), Founding: c.founding.Hash(), Label: "Shqipëria · Albania",
		Places: onMap, Demo: true, Journal: c.opt.Journal})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &publicFace{portal: p, cancel: cancel}
	peers, err := net.Listen("tcp", c.portalPeers())
	if err != nil {
		return errors.Join(fmt.Errorf("start the portal: %w", err), f.close())
	}
	secure, err := p.PeerListener(peers)
	if err != nil {
		return errors.Join(err, peers.Close(), f.close())
	}
	people, err := net.Listen("tcp", c.PortalAddress())
	if err != nil {
		return errors.Join(fmt.Errorf("start the portal: %w", err), peers.Close(), f.close())
	}
	f.served.Go(func() { p.ServePeers(ctx, secure) })
	f.served.Go(func() { web.Serve(ctx, people, p.Handler()) })
	f.served.Go(func() { p.Run(ctx) })
	c.public = f
	return nil
}

func (f *publicFace) close() error {
	if f == nil {
		return nil
	}
	f.cancel()
	f.served.Wait()
	return f.portal.Close()
}
