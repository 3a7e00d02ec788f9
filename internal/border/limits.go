package border

const (
	// maxPassages bounds the history of one traveller: ten crossings a day of a border worker through a window of 455 days
	// are 9,100. Of a longer list only the newest count, and the stay says so.
	maxPassages = 10_000

	// maxLookback is how far back, in days, a stay is counted at all: ten years, twice the longest multiple-entry visa.
	// It bounds memory where a record carries a day of long ago.
	maxLookback = 3_660

	// maxWindow bounds the windows and limits of a rulebook and the days of a visa, in days, for the same reason.
	maxWindow = maxLookback

	// maxDoubts is what an officer could ever read; more are counted as one.
	maxDoubts = 64

	// maxRulebook bounds the text of a rulebook: every state's code many times over, and each post of a continent.
	maxRulebook = 256 << 10

	// maxDepth is twice as deep as a rulebook nests.
	maxDepth = 8

	// maxHours bounds ages in a rulebook: ten years.
	maxHours = maxLookback * 24

	// Bounds of one alert: the richest of public lists has some 80 names and 30 documents for one person; a release of
	// 100,000 alerts must stay in a booth's memory even where each is hostile.
	maxAlertParts = 512
	maxAlertText  = 4096
	maxAlertID    = 128

	// MaxAlertNames bounds the names of an alert to what a watchlist looks at: a name behind them would stand in the alert and match
	// nobody. The richest of public lists has 53.
	MaxAlertNames = 256

	maxAlertFace   = 48 << 10 // bytes: a portrait of 240 by 320 points
	maxRangeDigits = 18       // of a range of document numbers: what 64 bits count

	// maxHitBudget is in travellers of 1,000: where one in ten hits something, hits are no longer read.
	maxHitBudget = 100

	// The number of a paper sheet has six digits; its series is as long as a node's name.
	maxSheet  = 999_999
	maxSeries = 31
)
