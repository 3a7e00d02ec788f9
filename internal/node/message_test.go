package node_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tims/internal/node"
	"tims/internal/record"
)

// inbox says what a desk sees of messages: priority, sender, words, and nodes that have not read them.
func (d *desk) inbox() string {
	d.c.t.Helper()
	all, err := d.Messages(context.Background(), d.shift)
	d.c.must(err)
	var out []string
	for _, p := range all {
		word := fmt.Sprintf("%d %s/%s: %s", p.Priority, p.From, p.By, p.Text)
		if p.Mine {
			word += " mine"
		}
		if p.Done {
			word += " done"
		}
		for _, r := range p.Read {
			word += " +" + r.Node + r.Officer
		}
		for _, u := range p.Unread {
			word += " -" + u
		}
		out = append(out, word)
	}
	return strings.Join(out, "; ")
}

func TestMessages(t *testing.T) {
	deskCountry(t, func(c *country) {
		l1, k1 := c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "K-01", "K1")
		send := func(d *desk, text string, to ...string) node.Message {
			return node.Message{Act: act(), Shift: d.shift, Priority: record.Flash, To: to, Text: text}
		}
		ack := func(d *desk, m record.Ref) node.Acknowledge {
			return node.Acknowledge{Act: act(), Shift: d.shift, Of: m}
		}
		k2 := c.desk("kakavija", "K-02", "K2")
		k2.refused(send(k2, "lane 2 is closed"), node.ErrDuty)
		for _, text := range []string{"", " \n ", strings.Repeat("x", 2001), "\xff"} {
			l1.refused(send(l1, text), node.ErrLetter)
		}
		loud := send(l1, "lane 2 is closed")
		loud.Priority = 4
		l1.refused(loud, node.ErrLetter)
		for _, to := range []string{"rinas", "kakavija", ""} {
			l1.refused(send(l1, "lane 2 is closed", "durres", to), node.ErrAddressee)
		}

		c.wire.sever("durres")
		all := l1.do(send(l1, " lane 2 is closed ")).Ref
		secret := "the grey van comes to durres"
		one := l1.do(send(l1, secret, "durres", "durres")).Ref
		some := l1.do(send(l1, "to both", "durres", "centre")).Ref
		c.settle()
		d1, m1, ctr := c.desk("durres", "K-02", "K1"), c.desk("morina", "L-02", "L"), c.desk("centre", "K-01", "A")
		c.equal("cut off", d1.inbox(), "")
		c.equal("a third post", m1.inbox(), "1 kakavija/L-01: lane 2 is closed mine -centre -durres -morina")
		m1.refused(ack(m1, one), node.ErrNotAddressed)
		m1.refused(ack(m1, record.Ref{Origin: one.Origin, Index: 0}), node.ErrNotAddressed)
		k1.refused(ack(k1, all), node.ErrNotAddressed) // its own
		m1.do(ack(m1, all))
		ctr.do(ack(ctr, some))
		for _, name := range []string{"morina", "centre"} { // what it holds of a letter to durres says nothing
			o, err := c.nodes[name].Read(one)
			c.must(err)
			if len(o.Deed) == 0 || bytes.Contains(o.Deed, []byte("grey van")) || bytes.Contains(o.Deed, []byte("L-01")) {
				t.Errorf("%s reads a letter to durres: %d bytes", name, len(o.Deed))
			}
		}
		c.must(c.invariants())

		c.wire.mend("durres")
		c.settle()
		c.equal("once, after the cut", d1.inbox(), "1 kakavija/L-01: to both mine +centre -durres; "+
			"1 kakavija/L-01: the grey van comes to durres mine -durres; 1 kakavija/L-01: lane 2 is closed mine +morina -centre -durres")
		d1.do(ack(d1, one))
		d1.do(ack(d1, some))
		c.settle()
		l1 = c.desk("kakavija", "L-01", "L")
		c.equal("the sender", l1.inbox(), "1 kakavija/L-01: to both +centre +durres; 1 kakavija/L-01: the grey van comes to durres +durres; "+
			"1 kakavija/L-01: lane 2 is closed +morina -centre -durres")
		d2 := c.desk("durres", "K-01", "K2")
		d2.do(ack(d2, one)) // another officer of that post
		d2.do(ack(d2, one)) // and from his other screen
		c.equal("two readers there", d2.inbox(), "1 kakavija/L-01: to both mine +centre +durresK-02; "+
			"1 kakavija/L-01: the grey van comes to durres mine done +durresK-02 +durresK-01; 1 kakavija/L-01: lane 2 is closed mine +morina -centre -durres")

		c.halt("durres")
		c.must((&drill{country: c, t: t}).deleteProjection("durres"))
		c.start("durres")
		d1 = c.desk("durres", "K-02", "K1")
		c.equal("folded anew, each once", strings.Count(d1.inbox(), "mine"), 3)
		time.Sleep(node.MessageFor)
		c.equal("a week later", c.desk("durres", "K-02", "K1").inbox(), "")
	})
}
