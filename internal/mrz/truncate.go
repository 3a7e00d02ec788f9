package mrz

import "strings"

// leastSecondary is how many characters of the given names a long surname leaves
// room for: the two of the standard's own example (DI for DINGO POTOROO).
const leastSecondary = 2

// Truncate joins two identifiers in zone letters, components parted by single
// fillers, into a name field of the given room (Doc 9303 part 4, 4.2.2.1 and 4.2.3). What is
// too long is cut from the end of the secondary identifier; the primary is cut only
// to leave at least two characters of the secondary. The last position is then a
// letter, which tells the reader that something may be missing: where the cut falls
// behind a filler, the component before it gives up a letter.
func Truncate(primary, secondary string, room int) string {
	if secondary == "" {
		return cutName(primary, room)
	}
	if len(primary)+2+len(secondary) <= room {
		return primary + "<<" + secondary
	}
	primary = cutName(primary, room-2-min(leastSecondary, len(secondary)))
	return primary + "<<" + cutName(secondary, room-2-len(primary))
}

// cutName shortens a name to at most room characters, ending in a letter.
func cutName(name string, room int) string {
	if len(name) <= room {
		return name
	}
	if name[room-1] != filler {
		return name[:room]
	}
	// Take a letter from the last component that has two, so that the first letter
	// of the next one fits.
	for i := room - 2; i > 0; i-- {
		if name[i] != filler && name[i-1] != filler {
			return name[:i] + name[i+1:room+1]
		}
	}
	return strings.TrimRight(name[:room], "<")
}
