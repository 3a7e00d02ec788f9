//go:build mutant

package tlog

import "os"

var (
	mutantAckEarly   = mutant("ack-early")
	mutantRetrySync  = mutant("retry-sync")
	mutantAnyOld     = mutant("any-old-size")
	mutantUnverified = mutant("unverified")
	mutantRepair     = mutant("repair")
)

var synchronous, synchronousIs = func() (string, string) {
	if mutant("synchronous-normal") {
		return "NORMAL", "1"
	}
	return "FULL", "2"
}()

func mutant(name string) bool { return os.Getenv("TIMS_MUTANT") == name }
