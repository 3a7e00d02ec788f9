//go:build mutant

package node

import "os"

var mutantAnyKey = os.Getenv("TIMS_MUTANT") == "any-key"
