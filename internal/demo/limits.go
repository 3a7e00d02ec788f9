package demo

import "time"

// Bounds and measures of the demonstration.
const (
	pastParties  = 100              // party crossings written before traffic begins, so that stays have a past
	pastDays     = 200              // over so many days: more than two windows of 90 in 180 need to show
	settleFor    = 15 * time.Second // for what was accepted to be found at the centre after traffic ends
	maxSamples   = 200_000          // latencies kept for the percentiles
	portsNeeded  = 18               // three for each of five nodes, one for the start page and two for the portal
	statusEvery  = 20 * time.Second // of the nodes: short, so that a short demonstration shows how old everything is
	syncEvery    = 500 * time.Millisecond
	publishEvery = 10 * time.Second // the two cores of a small machine are the booths' first
	maxAsk       = 4 << 10          // bytes of a question to a passkey in software
	robotBooth   = "K9"             // where the invented travellers pass; the doors lead visitors to others
)
