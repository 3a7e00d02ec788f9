package panel

import "time"

// Bounds and measures of the panel.
const (
	beat     = time.Second            // between two looks at the country
	lookFor  = 150 * time.Millisecond // of a beat, at most, for finding accepted crossings at the nodes
	recent   = 10 * time.Second       // what "now" means for rates and latencies
	before   = 30 * time.Second       // what "before the attack" means: long enough for two crossings a second to give a p99
	shown    = 180                    // s in the chart: an attack with the calm before and after it
	backBy   = time.Minute            // what arrives later than this after the centre's return is said to be late
	reload   = 5 * time.Second        // of a page without script
	fresh    = 20                     // beats after which everything is said again, for pages that came between two sayings
	closeFor = 10 * time.Second       // for an action under way when the demonstration ends

	maxStreams    = 64              // one for each tab of a room full of visitors
	maxJournal    = 200             // entries kept
	maxPeriods    = 64              // attacks kept for the chart, which shows the last three minutes
	actFor        = 2 * time.Minute // a verification of a country that ran for days; everything else takes seconds
	shownFindings = 3               // of a verification; the command line lists all
)
