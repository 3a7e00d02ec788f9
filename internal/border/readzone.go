package border

import "tims/internal/mrz"

// ReadZone reads a document from the lines of its zone on a day, faults beside their fields.
func ReadZone(lines []string, today Date) Document {
	return DocumentFromZone(mrz.Parse(lines), lines, today)
}
