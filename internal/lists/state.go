package lists

import (
	"strings"

	"tims/internal/mrz"
)

// addState notes a state, or the fault that it is not known. "unknown" and the like are no states and no faults.
func addState(to []string, s string, fault func()) []string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "", "00", "zz", "xx", "unknown", "n/a", "na", "none", "not available", "undetermined":
		return to
	}
	code, ok := mrz.StateOf(s)
	if !ok {
		fault()
		return to
	}
	return addNew(to, code)
}
