package node

import (
	"time"

	"tims/internal/tlog"
)

// Bounds of a node. Each protects the booths: what comes from outside is counted before it is kept.
const (
	maxMirrors     = 512              // logs of others held here: every node of a country, with the epochs of a bad decade
	filesOfCopy    = 4                // open at once while a copy is opened: the database, its log and index, the directory
	maxEpochs      = 64               // epochs accepted of one node
	fewEpochs      = 8                // of them where half the room is taken: what an ordinary node has in a decade
	maxBatch       = 1024             // records folded in one transaction: random index pages are written once for all of them
	backlogFrom    = 2048             // records that wait to be folded: a rebuild or a cut of an hour at the busiest post
	backlogBatch   = 8192             // records folded in one transaction where no booth waits: some ten megabytes in memory
	backlogRests   = time.Minute      // a further backlog on its way that does not move is not waited for with the indexes
	boothBatch     = 128              // of them at a post, where a check may wait for one batch
	maxPending     = 4096             // prepared acts that wait for their booth's signature
	bucketWithin   = 10 * time.Second // for the record of a new bucket, whoever asked for it
	maxLines       = 256 << 10        // bytes of the cosignatures of one log on the wire: a note of each of 64 cosigners
	maxMirrorKeys  = 48               // cosigners in a policy of mirrors: a log remembers 64, and witnesses need some of them
	witnessEach    = 5                // rounds of SyncEvery between two submissions to one witness: it is somebody else's machine
	witnessRests   = 12               // submissions that a witness is spared of a log which it does not take
	witnessAnswers = 30 * time.Second // for a witness to begin its answer
	maxWitnesses   = 16               // witnesses of a policy: each is a submission for every growth
	relayRounds    = 60               // rounds between two looks at cosignatures of a log of neither side
	maxStrangers   = 4                // unknown peers that hand over changes at once
	perShift       = 256              // prepared acts of one shift: a full bus twice; the oldest gives way
	maxAhead       = 1000             // releases of a list that may be skipped: a captured centre cannot use up the numbers
	maxSingles     = 20_000           // single alerts of one node: a captured one fills no booth's memory
	maxVersions    = 64               // of one single alert
	urgentDays     = 14               // that an urgent alert of a post lasts at most
	maxFoundAlerts = 50               // alerts that a search among them answers with, and single ones that are listed
	maxTried       = 1000             // hits among which the one of an alert that is tried is looked for
	looseScore     = 5                // from which on such a search finds a person: half of what a booth's check needs
	maxFetched     = 4                // announced releases of a log whose chunks are fetched at once, newest first
	maxUnheard     = 4                // chunks of a log that a peer may lack before the rest is asked of another
	maxEarlier     = 64               // earlier releases of a log that are fetched at once: what they had may be held
	maxAlerts      = 5_000_000        // of a release
	maxNumbers     = 200_000_000      // bare document numbers of a release: some 1.4 GB of memory
	maxLostNumbers = 1_000_000        // of them that a release may lack at once: each is held, and named in the draft of their loss
	listRoom       = 3 << 30          // bytes of all lists: 10 million persons, or 2 million and 100 million numbers; a new index stands beside the old one while it is built
	roomOfName     = 48               // bytes of a name in the index beside its letters, which it shares; 50 with those of invented persons
	roomOfPart     = 8                // bytes of a date, state, document, vehicle or node beside its letters
	roomOfNumber   = 7                // bytes of a bare document number in its set
	roomOfPaper    = 128              // bytes of a range, or of a number too long for a key, in that set
	leastAlert     = 64               // bytes of the smallest alert in the index: what a declared count takes at least
	heldTimes      = 4                // a held version stands in memory as it is, with what has come in its place, and in the index
	maxHeld        = 1_000_000        // versions of alerts of one list that wait for the authority: an issuer who changes all his dates loses as many
	maxHeldRoom    = 256 << 20        // bytes of them: as many ordinary ones
	maxFresh       = 256 << 20        // bytes of changed chunks that are kept open while a release comes into force; of more the index is built anew
	maxLists       = 1000             // names of lists: a captured centre that invents them fills no memory
	maxReleases    = 65_536           // announced of one list and not settled: one every ten minutes for a year
	boothHits      = 50               // that a check keeps of one traveller's: who hits more has hit noise, or a crowd that hides somebody
	boothSure      = 6                // of them sure for each action
	maxMatched     = 1000             // hits among which they are chosen: a crowd must be larger to hide itself, and costs milliseconds
	maxSingleRoom  = 256 << 20        // bytes of the single alerts of one node, all versions
	maxCanaries    = 256              // of one list: each is looked for daily, and a release with more does not come into force
	maxGoneNumbers = 1 << 24          // in chunks and strikes that the next release has not, with those let go and not settled: 384 MiB while looked through
	maxSetChunks   = 512              // of numbers that two releases have not in common, up to which the set is changed and not made anew: 8 million numbers
	maxListKeys    = 8                // under which the chunks of a release are sealed: each is a reader that was dropped
	maxLayers      = 6                // of the index of alerts: each is searched in every check
	indexBatch     = 20_000           // alerts given to the index at once: enough for its workers, and little memory
	fewNames       = 5_000            // spellings up to which a list without a budget is not measured: none but a few are hit
	noticeable     = 0.05             // share of alerts more or fewer by which the scores of hits are found again
	sampleSize     = 2_000            // invented travellers by whom they are found: some seconds at a million alerts
	sampleSeed     = 9303             // of them, the same at every node
	saveEvery      = time.Hour        // the index is saved no more often: a large one is half a gigabyte
	maxInline      = 128              // chunks that the record of a release names itself; an index names more
	upAfter        = 24 * time.Hour   // a node that was down for longer believes its clock only after steppedFor
	foldPause      = 50 * time.Millisecond
	reserveSize    = 2 << 20        // bytes kept free for acts that must be recorded: some hundred ends of shifts
	reservePiece   = 128 << 10      // given away at once: one act is some ten pages, and others find what it leaves
	reserveRetry   = time.Second    // between two looks for room
	maxNotes       = 2000           // characters of an officer's note
	shiftLasts     = 12 * time.Hour // a shift is resumed no later
	waitingFor     = 2 * time.Hour  // a measured waiting time is published for so long, with its age
	aliveEvery     = time.Minute
	outageFrom     = 5 * time.Minute     // a stretch without a centre, or without this node, that is an outage and is recorded
	maxWith        = 120                 // bytes of who accompanies a traveller
	maxField       = 256                 // bytes of one field of a document; a zone has 88 characters
	maxPaper       = 32                  // bytes of the number of a visa or permit
	maxDeedText    = 1000                // bytes of the reason or note of a deed
	maxLetter      = 2000                // bytes of a message
	maxLetters     = 200                 // messages of one node that are shown: a captured one fills no other's place
	canaryDaily    = 24 * time.Hour      // between two looks for all canaries, less an hour by name
	maxMissed      = 256                 // canaries not found that are told, a record each: one who invents many fills no post's log
	canaryEach     = time.Minute         // between two questions whether one is due
	hitsFor        = 90 * 24 * time.Hour // that hits are listed for their issuer
	lookFor        = time.Hour           // within which an officer's looks at one list of hits are one record
	maxNotices     = 400                 // notices of hits among the newest messages of one node: they crowd out no officer's words
	maxTold        = 100_000             // notices that are known to stand in the log without looking
	noticesFor     = 30 * 24 * time.Hour // that a hit is told late, after a long halt
	noticesLate    = 2 * 24 * time.Hour  // within which an outcome still comes: a referral is answered within the day
	noticeRest     = time.Hour           // between two looks that nothing asked for
	noticeRetry    = time.Minute         // after a notice that could not be written
	discreetAfter  = time.Minute         // and up to as much again before a discreet hit is told
	maxReadBy      = 256                 // receipts of one node that are read for a message: all officers of three shifts
	maxDay         = 100_000             // persons or vehicles that anything counts in a day, per booth
	maxSheets      = 10_000              // paper forms registered at once
	maxPlate       = 16                  // characters of a number plate
	maxOccupants   = 99                  // persons in one vehicle
	maxReason      = 200                 // characters of the reason for a search
	maxExercise    = 64                  // acts of one exercise: the list has fewer
	maxLate        = 256                 // changes of one chain that came after their not-after and wait for one in time
	rejoinWait     = 10 * time.Minute    // that, when it is asked for from a page
	maxProving     = 12 * time.Hour      // for an isolated node to be proven against its mirrors
	maxActID       = 8                   // bytes of the id of a hostile act
	pendingFor     = 10 * time.Minute    // a prepared act not signed by then is forgotten and can be prepared again
	shiftFor       = 12 * time.Hour      // a shift that is older is not opened again: the working day is over
	maxWaiting     = 256                 // enrolments of one writing node that wait for the roster that names their keys
	maxMissing     = 1000                // missing chunks told to a peer at once
	maxFileSize    = 8 << 20             // bytes of a founding, epoch statement or change read from disk or a peer
	clockTolerance = 5 * time.Minute     // a clock this far behind a signed time is not believed
	steppedFor     = time.Hour           // a clock that was set and then ran on for so long is believed again
	stepTolerance  = 2 * time.Second     // a wall clock that leaves the monotonic one by more was set
)

// A verification beside a running node waits this often and this long for the files to hold what the projection has folded.
const (
	openTries  = 4
	reachTries = 40
	// compareTries bounds how often a projection that differs, and changes meanwhile, is compared anew.
	compareTries = 5
	reachPause   = 250 * time.Millisecond
)

// Bounds of a scrub.
const (
	scrubDaily  = 24 * time.Hour
	minRest     = time.Millisecond // between two short reads of a paced scrub
	maxRest     = time.Second
	healRounds  = 3                          // a leaf, what hangs on it, and what that uncovers
	maxDamage   = 64                         // findings of one log that are told in a record each; the journal says that there are more
	maxStanding = 1024                       // of one node that are remembered: a captured one fills no other's place
	maxMisfolds = 10_000                     // records of the projection that one pass mends
	maxGift     = tlog.MaxBatchBytes + 1<<20 // bytes of one piece that is brought
	maxWants    = 64                         // pieces that a node asks for of whoever comes
	foldPiece   = 256                        // records folded between two pauses
)

// keysPerRecord bounds a keys record to well under a part: a wrap is about 1.2 KB, a key has as many as there are nodes.
const keysPerRecord = 16
