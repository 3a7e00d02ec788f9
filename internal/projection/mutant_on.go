//go:build mutant

package projection

import "os"

var mutantClockOrder = os.Getenv("TIMS_MUTANT") == "clock-order"
