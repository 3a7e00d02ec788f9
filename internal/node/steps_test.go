package node_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
)

// A drill is a country under a script.
type drill struct {
	*country
	t       *testing.T
	unheard []*passing // acts of which a booth never heard the outcome
	sim     *sim       // nil outside simulations
	loss    lossDrill
}

// The words of a script. Words in capitals stand for what the script fills in.
//
//	country CENTRE POST…              found a country and start it
//	cross POST N entries|exits        new travellers enter, or those longest inside leave; each gets a receipt
//	pass POST entry|exit TRAVELLER    one traveller crosses who has crossed before
//	cut NAME, mend NAME               a node's line
//	wait DURATION, settle             let time pass
//	halt NAME, start NAME             end a node in order, start it
//	kill NAME [amid N entries]        end it as a crash does, amid crossings that are not all answered, and start it again
//	ask-again                         the booths ask for each act that they had no answer for
//	wipe NAME, rebuild NAME [forged]  delete all it has; make it anew with an approved, or a forged, change of the roster
//	join NAME, drop NAME              a change of the roster adds a post, or drops a node
//	tamper NAME leaf|part|record|projection  change a row of its files with SQL
//	verify NAME                       what a verification of its directory finds
//	repeat POST same|other            the last act again, with the same or other content
//	scan POST entry|exit TRAVELLER    read a document and decide nothing
//	open-checks POST                  count what was scanned and not decided
//	delete-projection NAME            of a node that is halted
//	release CENTRE LIST N             a list of N alerts
//	lists NAME, state NAME            what a node says of its lists and of its peers
//	search NAME TRAVELLER             what an analyst finds there
//	compare CENTRE                    the centre with what the booths were told
func (d *drill) step(f []string) ([]string, error) {
	word, args := f[0], f[1:]
	if word == "country" {
		d.country = newCountry(d.t, args[0], args[1:]...)
		return nil, nil
	}
	if word == "simulate" {
		return nil, d.simulate(args)
	}
	if steps[word] == nil && simSteps[word] == nil {
		return nil, errors.New("no such step")
	}
	for len(args) < 3 {
		args = append(args, "")
	}
	if d.sim != nil && simSteps[word] != nil {
		return simSteps[word](d, args)
	}
	return steps[word](d, args)
}

// teach adds a word to the table. A word has one meaning: a second one would silently take the place of the first in every script.
func teach(word string, step func(d *drill, args []string) ([]string, error)) {
	if steps[word] != nil {
		panic("the word " + word + " of the scripts is taught twice")
	}
	steps[word] = step
}

var steps = map[string]func(d *drill, args []string) ([]string, error){
	"cross": func(d *drill, a []string) ([]string, error) {
		n, err := strconv.Atoi(a[1])
		if err != nil {
			return nil, err
		}
		return nil, d.cross(a[0], n, direction(a[2]))
	},
	"pass": func(d *drill, a []string) ([]string, error) {
		serial, err := strconv.Atoi(a[2])
		if err != nil {
			return nil, err
		}
		x := &passing{post: a[0], serial: serial, dir: direction(a[1]), scan: act(), decide: act()}
		if err := d.ask(x); err != nil {
			return nil, err
		}
		d.note(x)
		return nil, nil
	},
	"cut":  func(d *drill, a []string) ([]string, error) { d.wire.sever(a[0]); return nil, nil },
	"mend": func(d *drill, a []string) ([]string, error) { d.wire.mend(a[0]); return nil, nil },
	"wait": func(d *drill, a []string) ([]string, error) {
		wait, err := time.ParseDuration(a[0])
		time.Sleep(wait)
		return nil, err
	},
	"settle":    func(d *drill, a []string) ([]string, error) { d.settle(); return nil, nil },
	"halt":      func(d *drill, a []string) ([]string, error) { d.halt(a[0]); return nil, nil },
	"start":     func(d *drill, a []string) ([]string, error) { d.start(a[0]); return nil, nil },
	"wipe":      func(d *drill, a []string) ([]string, error) { return nil, d.wipe(a[0]) },
	"join":      func(d *drill, a []string) ([]string, error) { return nil, d.join(a[0]) },
	"kill":      (*drill).killStep,
	"ask-again": (*drill).askAgain,
	"rebuild": func(d *drill, a []string) ([]string, error) {
		if a[1] == "forged" {
			return nil, d.rebuildForged(a[0])
		}
		return nil, d.rebuild(a[0], d.approve)
	},
	"drop":              func(d *drill, a []string) ([]string, error) { return nil, d.drop(a[0]) },
	"tamper":            func(d *drill, a []string) ([]string, error) { return d.tamper(a[0], a[1]) },
	"verify":            func(d *drill, a []string) ([]string, error) { return d.verify(a[0]) },
	"repeat":            func(d *drill, a []string) ([]string, error) { return d.repeat(a[0], a[1] == "other") },
	"scan":              (*drill).scanStep,
	"open-checks":       (*drill).openChecks,
	"delete-projection": func(d *drill, a []string) ([]string, error) { return nil, d.deleteProjection(a[0]) },
	"release":           (*drill).releaseStep,
	"lists":             func(d *drill, a []string) ([]string, error) { return d.lists(a[0]), nil },
	"state":             func(d *drill, a []string) ([]string, error) { return d.state(a[0]) },
	"search":            (*drill).searchStep,
	"compare":           func(d *drill, a []string) ([]string, error) { return d.compare(a[0]) },
}

func direction(word string) border.Direction {
	if strings.HasPrefix(word, "exit") {
		return border.Exit
	}
	return border.Entry
}
