package translit

const (
	// maxForms is how many forms of one name are compared: an alert is indexed once for each.
	maxForms = 3
	// maxSyllables is the longest word of Chinese or Korean signs taken for surname and given name without a blank.
	maxSyllables = 5
)
