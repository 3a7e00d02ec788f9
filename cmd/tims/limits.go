package main

import "time"

// Bounds on what the command line reads and waits for.
const (
	maxConfig   = 1 << 20   // bytes of a configuration or plan: 512 nodes and 8,000 officers fit
	maxRootFile = 64 << 10  // bytes of a root's certificate with its key
	maxKeyFile  = 8 << 10   // bytes of a key file, its comments included
	maxFounding = 8 << 20   // bytes of a founding, as package node takes it
	maxChanges  = 256 << 20 // bytes of approved changes: all of a country's life
	maxZoneLine = 64 << 10  // bytes of one line of `tims mrz`: a zone is under 200, the rest of the object is the caller's
	maxListing  = 4 << 20   // bytes of the list of logs of a public listener
	maxHashTile = 8 << 10   // bytes of a full tile of 256 hashes
	maxBundle   = 256 * (2 + 65535)
	maxNote     = 128 << 10 // bytes of a checkpoint with its cosignatures
	maxLogs     = 4096      // logs of one listener or directory
	maxSheets   = 2000      // paper sheets registered and printed at once, as package forms prints into one file
	maxShown    = 20        // faults of a list shown to a person; all are counted
	maxIDs      = 5         // alerts of one kind of change named to a person
	maxFirst    = 1000      // alerts of one kind of change named in JSON; all are counted

	maxMatchLine  = 64 << 10 // bytes of one line of `tims match`: a traveller is under 500
	maxMatchName  = 4096     // bytes of a name in it, as an alert's may have
	maxTop        = 100_000  // hits for one line
	builtTogether = 16 << 10 // alerts held while a list streams into an index
	maxEvaluated  = 1 << 20  // labelled queries, held in memory

	httpTime   = 30 * time.Second // for one tile over a thin line
	lookEvery  = time.Second      // at a node that is being rebuilt
	settledFor = 3                // looks in a row that must show a post with nothing more to come
)
