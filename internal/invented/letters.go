package invented

// letters learns which letter follows two others in the names of one people, and makes new names from it. 0 stands for
// the beginning and the end of a word, 1 to 26 for letters.
type letters struct{ follows [27 * 27][27]uint16 }

// learn takes a name of plain letters only: one with marks would teach a gap.
func (l *letters) learn(name string) {
	a, b := 0, 0
	for i := range len(name) {
		if c := name[i] | 0x20; c < 'a' || c > 'z' {
			return
		}
	}
	for i := range len(name) {
		c := int(name[i]|0x20) - 'a' + 1
		l.follows[27*a+b][c]++
		a, b = b, c
	}
	l.follows[27*a+b][0]++
}

// word makes a name of 4 to 14 letters, or "" where little was learnt or chance leads nowhere.
func (l *letters) word(m *maker) string {
	for range 8 {
		w := make([]byte, 0, 16)
		a, b := 0, 0
		for len(w) <= 14 {
			c, ok := l.next(m, a, b)
			if !ok || c == 0 {
				break
			}
			w = append(w, byte('a'+c-1))
			a, b = b, c
		}
		if len(w) >= 4 && len(w) <= 14 {
			w[0] -= 'a' - 'A'
			return string(w)
		}
	}
	return ""
}

func (l *letters) next(m *maker, a, b int) (int, bool) {
	row := &l.follows[27*a+b]
	all := 0
	for _, n := range row {
		all += int(n)
	}
	if all == 0 {
		return 0, false
	}
	at := m.rng.IntN(all)
	for c, n := range row {
		if at -= int(n); at < 0 {
			return c, true
		}
	}
	return 0, false
}
