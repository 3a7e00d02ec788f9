package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
)

// singlePrefix begins the name of the list of a node's own alerts: "single:durres".
const singlePrefix = "single:"

// SingleList names the list of the alerts that a node's officers write one by one.
func SingleList(node string) string { return singlePrefix + node }

var (
	// ErrAlert: the alert is not one that a booth could use, or of another list than this node's own. The error that wraps it
	// names the field.
	ErrAlert = errors.New("this alert cannot be written")
	// ErrUrgent: an alert of a post has an end, within days: until then a centre has taken it over.
	ErrUrgent = errors.New("an urgent alert of a post begins today and ends within 14 days")
	// ErrNoAlert: no alert of that id was written here.
	ErrNoAlert = errors.New("no single alert of this id was written at this node")
	// ErrEnding: its end was asked for before. It is matched until the authority approves that, and no new version follows.
	ErrEnding = errors.New("the end of this alert was asked for already")
)

// WriteAlert writes a single alert, or a new version of one where Alert.ID is given. List is this node's whatever it says.
type WriteAlert struct {
	Act    record.Act
	Shift  *Shift
	Alert  border.Alert
	Reason string // case number or order
}

func (d WriteAlert) head() head { return head{d.Act, d.Shift, roster.EditAlerts} }

// settle gives an alert the form in which it is recorded: a new one is named by its act, so that a repeat is the same.
func (d *WriteAlert) settle(n *Node) {
	d.Reason = strings.TrimSpace(d.Reason)
	d.Alert.List = SingleList(n.Name())
	if d.Alert.ID == "" {
		d.Alert.ID = d.Alert.List + ":" + hex.EncodeToString(d.Act[:6])
	}
}

func (d WriteAlert) is(n *Node, o *Opened) bool {
	d.settle(n)
	return o.Leaf.Kind == record.Alert && o.Single != nil && alertHash(&o.Single.Alert) == alertHash(&d.Alert) && o.Single.Reason == d.Reason
}

func (d WriteAlert) prepare(ctx context.Context, n *Node) (prepared, error) {
	fresh := d.Alert.ID == ""
	d.settle(n)
	if err := inWords(&d.Reason); err != nil {
		return prepared{}, err
	}
	if err := d.Alert.Validate(); err != nil {
		return prepared{}, errors.Join(ErrAlert, err)
	}
	if !fresh {
		if err := n.singles.stands(d.Alert.List, d.Alert.ID); err != nil {
			return prepared{}, err
		}
	}
	if err := n.asCanary(&d.Alert); err != nil {
		return prepared{}, err
	}
	if n.singles.full(&d.Alert) {
		return prepared{}, fmt.Errorf("%w: this node has written as many as nodes take", ErrAlert)
	}
	if today := n.Today(); n.Self().Role == roster.Post && (d.Alert.From > today || d.Alert.Until < today || d.Alert.Until > today.AddDays(urgentDays)) {
		return prepared{}, ErrUrgent
	}
	return n.simply(ctx, record.Alert, d.head(), nil, content{record.Body, record.AlertBody{Alert: d.Alert, Reason: d.Reason}})
}

// asCanary refuses a version that makes a canary of an alert, by which its person would not be found any more, or the other way
// round, and a canary that no booth could find.
func (n *Node) asCanary(a *border.Alert) error {
	if was := n.singles.newest(a.List, a.ID); was != nil && was.alert.Canary != a.Canary {
		return fmt.Errorf("%w: an alert never becomes a canary, nor a canary an alert", ErrAlert)
	}
	if a.Canary && len(a.Probes()) == 0 {
		return fmt.Errorf("%w: a canary that no booth could find", ErrAlert)
	}
	return nil
}

// WithdrawAlert asks that a single alert of this node be withdrawn; the authority decides.
type WithdrawAlert struct {
	Act    record.Act
	Shift  *Shift
	ID     string
	Reason string
}

func (d WithdrawAlert) head() head { return head{d.Act, d.Shift, roster.EditAlerts} }

func (d WithdrawAlert) is(_ *Node, o *Opened) bool {
	return o.Leaf.Kind == record.AlertChange && o.Withdrawn != nil &&
		*o.Withdrawn == record.AlertChangeBody{ID: d.ID, Reason: strings.TrimSpace(d.Reason)}
}

func (d WithdrawAlert) prepare(ctx context.Context, n *Node) (prepared, error) {
	if err := inWords(&d.Reason); err != nil {
		return prepared{}, err
	}
	if err := n.singles.stands(SingleList(n.Name()), d.ID); err != nil {
		return prepared{}, err
	}
	return n.simply(ctx, record.AlertChange, d.head(), nil, content{record.Body, record.AlertChangeBody{ID: d.ID, Reason: d.Reason}})
}
