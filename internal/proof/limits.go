package proof

const (
	// MaxFile bounds a proof file: two leaves of 8 KiB, three proofs of 63 hashes, a note with its cosignatures and the epoch
	// statements of those who signed fit several times.
	MaxFile = 256 << 10
	// maxEpochs bounds the epoch statements in one file: the log's and one for each cosigner.
	maxEpochs = 65
	// maxPolicy bounds a policy file, and maxNames the logs, witnesses and groups in it together: C2SP tlog-policy asks for 32
	// of each at least.
	maxPolicy = 1 << 20
	maxNames  = 1024
)
