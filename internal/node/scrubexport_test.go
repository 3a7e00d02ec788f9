package node

// WantedForTest counts the damaged pieces that a node asks for in its heads.
func WantedForTest(n *Node) int { return len(n.scrubs.wanted()) }
