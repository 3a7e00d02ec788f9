package node_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// Words of scripts about single alerts, and what happens after a hit.
//
//	alert NODE OFFICER TRAVELLER ACTION DAYS [TO,…]  a single alert about a traveller's document, for so many days ("open": without an end)
//	fits POST TRAVELLER                              which alerts a booth there shows
//	withdraw-alert NODE OFFICER TRAVELLER            ask that it be withdrawn
//	release-for CENTRE LIST TRAVELLER ACTION [TO,…]  a list of one alert, and whom it notifies
//	notices NODE OFFICER                             hits that the node was told of
//	hit-list NODE [STATE]                            what the analyst K-01 sees of hits there
//	messages-of NODE                                 records of messages in its own log
//	release-canaries CENTRE LIST N                   a list of N alerts and two canaries, a person and a document
//	canaries NODE                                    what the node says of its last look
//	canaries-of CENTRE                               what the centre knows of each post's look
//	lose-canary NODE                                 its index loses the person, and nothing else says so
//	canary-alarms NODE                               alarms about canaries that are folded there
//	scores NODE POINTS                               the authority sets from which score on an alert is a hit
func init() {
	teach("alert", (*drill).alertStep)
	teach("fits", (*drill).fits)
	teach("withdraw-alert", (*drill).withdrawAlert)
	teach("release-for", (*drill).releaseFor)
	teach("notices", (*drill).noticesStep)
	teach("hit-list", (*drill).hitList)
	teach("messages-of", (*drill).messagesOf)
	teach("release-canaries", (*drill).releaseCanaries)
	teach("canaries", (*drill).canariesStep)
	teach("canaries-of", (*drill).canariesOf)
	teach("lose-canary", func(d *drill, a []string) ([]string, error) {
		return nil, node.LoseAlertForTest(d.nodes[a[0]].Node, "canary:person")
	})
	teach("canary-alarms", func(d *drill, a []string) ([]string, error) { return node.CanaryAlarmsForTest(d.nodes[a[0]].Node) })
	teach("scores", func(d *drill, a []string) ([]string, error) { return nil, d.scores(a[0], a[1]) })
}

func (d *drill) alertStep(a []string) ([]string, error) {
	k, err := d.openDesk(a[0], a[1], a[1])
	serial, err2 := strconv.Atoi(a[2])
	action, err3 := border.ParseAction(a[3])
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	w := node.WriteAlert{Act: act(), Shift: k.shift, Reason: "order 17", Alert: border.Alert{Kind: border.DocumentAlert, Action: action,
		From: k.Today(), Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(serial), Status: "stolen"}}}}
	if a[4] != "open" {
		days, err := strconv.Atoi(a[4])
		if err != nil {
			return nil, err
		}
		w.Alert.Until = k.Today().AddDays(days)
	}
	if len(a) > 5 {
		w.Alert.Notify = strings.Split(a[5], ",")
	}
	first, err := k.try(w)
	if err != nil {
		return []string{"refused: " + err.Error()}, nil
	}
	again, err := k.try(w)
	if err != nil || again.Ref != first.Ref || !again.Repeated {
		return nil, errors.Join(err, errors.New("the same act has another receipt"))
	}
	if w.Reason = "order 18"; !errors.Is(second(k.try(w)), node.ErrOtherContent) {
		return nil, errors.New("the same act with another reason is taken")
	}
	return nil, nil
}

// fits is the word hits for alerts whose ids are drawn by lot.
func (d *drill) fits(a []string) ([]string, error) {
	k, err := d.at(a[0], "K-01")
	serial, err2 := strconv.Atoi(a[1])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	out := []string{}
	for _, h := range k.scan(border.Entry, passport(serial)).Hits {
		out = append(out, d.alertName(h.AlertID))
	}
	if len(out) == 0 {
		out = []string{"none"}
	}
	return out, nil
}

func second[T any](_ T, err error) error { return err }

// singleOf finds the single alert of a node about a traveller, in the node's own log.
func (d *drill) singleOf(name string, serial int) (string, error) {
	for i := range uint64(10_000) {
		o, err := d.nodes[name].ReadOwn(i)
		if err != nil {
			break
		}
		if o.Single != nil && o.Single.Alert.Documents[0].Number == number(serial) {
			return o.Single.Alert.ID, nil
		}
	}
	return "", errors.New("no such alert")
}

func (d *drill) withdrawAlert(a []string) ([]string, error) {
	k, err := d.openDesk(a[0], a[1], a[1])
	serial, err2 := strconv.Atoi(a[2])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	id, err := d.singleOf(a[0], serial)
	if err != nil {
		id = "single:" + a[0] + ":none"
	}
	return told(k, node.WithdrawAlert{Act: act(), Shift: k.shift, ID: id, Reason: "order 17 is void"})
}

func (d *drill) releaseFor(a []string) ([]string, error) {
	serial, err := strconv.Atoi(a[2])
	action, err2 := border.ParseAction(a[3])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	alert := border.Alert{ID: a[1] + ":" + a[2], List: a[1], Kind: border.DocumentAlert, Action: action,
		Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(serial)}}}
	if len(a) > 4 {
		alert.Notify = strings.Split(a[4], ",")
	}
	_, err = d.nodes[a[0]].Release(context.Background(), a[1], 0, []border.Alert{alert})
	return nil, err
}

func (d *drill) noticesStep(a []string) ([]string, error) {
	k, err := d.openDesk(a[0], a[1], a[1])
	if err != nil {
		return nil, err
	}
	all, err := k.Notices(context.Background(), k.shift)
	if err != nil {
		return []string{"refused: " + err.Error()}, nil
	}
	out := []string{}
	for _, n := range all {
		line := fmt.Sprintf("%s: %s at %s", n.From, d.alertName(n.Alert), border.Action(n.Action))
		if n.Outcome != "" {
			line += ", " + string(n.Outcome)
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		out = []string{"none"}
	}
	return out, nil
}

// alertName leaves out what is drawn by lot of a single alert's id.
func (d *drill) alertName(id string) string {
	if list, node, ok := strings.Cut(id, ":"); ok && list == "single" {
		node, _, _ = strings.Cut(node, ":")
		return "an alert of " + node
	}
	return id
}

func (d *drill) hitList(a []string) ([]string, error) {
	k, err := d.openDesk(a[0], "K-01", "K-01")
	if err != nil {
		return nil, err
	}
	rows, _, err := k.Hits(context.Background(), k.shift, node.HitQuery{State: node.HitState(a[1])})
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, h := range rows {
		line := fmt.Sprintf("%s: %s, %s, %s", h.Node, d.alertName(h.ID), h.Action, h.State)
		if h.Decided != 0 {
			line += ", " + h.Decided.String()
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		out = []string{"none"}
	}
	return out, nil
}

func (d *drill) messagesOf(a []string) ([]string, error) {
	n := 0
	for i := range uint64(10_000) {
		o, err := d.nodes[a[0]].ReadOwn(i)
		if err != nil {
			break
		}
		if o.Leaf.Kind == record.Message {
			n++
			if len(o.Leaf.About) > 0 || o.Leaf.Shift != nil {
				return nil, errors.New("the leaf of a notice says what it is about")
			}
		}
	}
	return []string{strconv.Itoa(n)}, nil
}

func (d *drill) releaseCanaries(a []string) ([]string, error) {
	n, err := strconv.Atoi(a[2])
	if err != nil {
		return nil, err
	}
	born, err := border.NewPartialDate(1971, 3, 9)
	alerts := []border.Alert{{ID: "canary:person", List: a[1], Kind: border.PersonAlert, Action: border.ActArrest, Canary: true, Sex: "M",
		Names: []border.AlertName{{Primary: "Kanarini Provë", Secondary: "Ilir"}}, Births: []border.PartialDate{born}, Nations: []string{"XKX"}},
		{ID: "canary:document", List: a[1], Kind: border.DocumentAlert, Action: border.ActSeize, Canary: true,
			Documents: []border.AlertDocument{{Issuer: "XKX", Number: "K9K9K9K9"}}}}
	for i := 1; i <= n; i++ {
		alerts = append(alerts, border.Alert{ID: fmt.Sprintf("%s:%d", a[1], i), List: a[1], Kind: border.DocumentAlert, Action: border.ActSeize,
			Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(i)}}})
	}
	if err == nil {
		_, err = d.nodes[a[0]].Release(context.Background(), a[1], 0, alerts)
	}
	return nil, err
}

func (d *drill) canariesStep(a []string) ([]string, error) {
	s := d.nodes[a[0]].Canaries()
	out := []string{fmt.Sprintf("%d, looked %s", s.Count, ago(s.At))}
	for _, m := range s.Missed {
		out = append(out, "missed: "+m.ID)
	}
	return out, nil
}

func (d *drill) canariesOf(a []string) ([]string, error) {
	days, err := d.nodes[a[0]].PostDays(context.Background())
	if err != nil {
		return nil, err
	}
	var out []string
	for name, p := range days {
		if p.CanariesAt > 0 {
			out = append(out, fmt.Sprintf("%s: %d of %d missed", name, p.CanariesMissed, p.Canaries))
		}
	}
	slices.Sort(out)
	return out, nil
}

func (d *drill) scores(name, points string) error {
	n := d.nodes[name]
	least, err := strconv.ParseFloat(points, 64)
	if err != nil {
		return err
	}
	rules := n.Rules()
	rules.Version++
	rules.HitScore = map[border.AlertKind]float64{border.PersonAlert: least, border.DocumentAlert: least, border.VehicleAlert: least}
	return d.newRules(n.Node, rules)
}

// newRules lets the authority approve a rulebook, of which one node learns.
func (d *drill) newRules(n *node.Node, rules border.Rulebook) error {
	body, err := rules.Text()
	if err != nil {
		return err
	}
	change := n.State().Next(roster.ChainRulebook, body, time.Now().Add(time.Hour).UnixMilli())
	approvals, err := d.approve(change)
	if err == nil {
		_, err = n.Learn(context.Background(), []roster.Approved{{Change: change, Approvals: approvals}})
	}
	return err
}
