//go:build mutant

package witness

import "os"

var (
	mutantAnswerFirst = os.Getenv("TIMS_MUTANT") == "witness-answers-first"
	mutantAnyOld      = os.Getenv("TIMS_MUTANT") == "any-old-size"
)
