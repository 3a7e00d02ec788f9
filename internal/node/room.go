package node

// room says whether one more log of a node is accepted, where so many are held, and so many of these are his. While there is plenty
// of room a node has as many epochs as a bad decade takes. From half of it on the rest is shared out in small: whoever has captured
// a few identity keys and states epochs without end leaves room for the first epochs of every other node.
func room(held, his int) bool {
	return held < maxMirrors && his < maxEpochs && (held < maxMirrors/2 || his < fewEpochs)
}
