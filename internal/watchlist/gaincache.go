package watchlist

import (
	"slices"
	"sync"
)

// A gainCache remembers what words of queries gained in a segment, for travellers share their names: MARIA is asked for a
// thousand times a day. It holds two generations of words; when the younger is full it becomes the older one, which is
// forgotten. It knows words one by one, and not who bore them together.
type gainCache struct {
	mu         sync.Mutex
	young, old map[string]*gained
	size, most int // bytes of the young; of one generation
}

// A gained is a word of a query, asked for once or more.
type gained struct {
	mu    sync.Mutex
	gains []gain
	spelt bool // how words that many names have are spelt is counted, and what that leaves nothing of is gone
}

const (
	gainBytes = 16
	wordBytes = 200 // of a word in the cache, about, beside its gains
)

// get gives what a word gains, if it is known.
func (c *gainCache) get(word string) *gained {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g := c.young[word]; g != nil {
		return g
	}
	g := c.old[word]
	if g != nil {
		c.keep(word, g)
	}
	return g
}

func (c *gainCache) put(word string, gains []gain) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(word, &gained{gains: slices.Clone(gains)})
}

func (c *gainCache) keep(word string, g *gained) {
	size := wordBytes + gainBytes*len(g.gains)
	if c.young == nil || c.size+size > c.most {
		c.young, c.old, c.size = map[string]*gained{}, c.young, 0
	}
	if size <= c.most {
		c.young[string([]byte(word))] = g
		c.size += size
	}
}

// spell counts how words are spelt that a plan would ask for, once: who asks for a word again saves that.
func (g *gained) spell(l *looker, word string) []gain {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.spelt {
		return g.gains
	}
	left := make([]gain, 0, len(g.gains))
	for _, v := range g.gains {
		if v.kind < likenesses && v.names >= fewNames {
			v.weight -= float32(spellingLoss(v.kind, spellingCost(word, l.x.words.text(v.id))))
			v.kind = likenesses
		}
		if v.weight > 0 {
			left = append(left, v)
		}
	}
	g.gains, g.spelt = slices.Clip(left), true
	return g.gains
}

// wordGains is what a word of the query gains, but for what it gains as the beginning of a longer one.
func (l *looker) wordGains(i int, out []gain) []gain {
	c, text := &l.x.gained, l.words[i].text
	if g := c.get(text); g != nil {
		return append(out, g.spell(l, text)...)
	}
	out = l.searchGains(i, out)
	c.put(text, out)
	return out
}
