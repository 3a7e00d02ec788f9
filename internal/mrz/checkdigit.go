package mrz

// illegal marks a byte that no zone may hold, in the table of values. It is a bit
// that no value has, so that a whole line is judged by one test at its end.
const illegal = 0x80

// values gives each character of the zone its number: 0-9 as such, A-Z 10-35,
// the filler 0 (Doc 9303 part 3, 4.9).
var values = func() (t [256]uint8) {
	for i := range t {
		t[i] = illegal
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = uint8(c - '0')
	}
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = uint8(c-'A') + 10
	}
	t[filler] = 0
	return t
}()

// CheckDigit computes the check digit of s: weights 7, 3, 1 repeated, sum modulo
// ten (Doc 9303 part 3, 4.9). It reports false when s holds a character that a
// zone may not.
func CheckDigit(s string) (byte, bool) {
	var d digits
	if !d.add(s) {
		return 0, false
	}
	return d.digit(), true
}

// digits sums characters that stand in several places of a zone, as the composite
// check digit needs.
type digits struct{ sum, n int }

func (d *digits) add(s string) bool {
	sum, bad := 0, uint8(0)
	for ; d.n%3 != 0 && s != ""; d.n++ {
		v := values[s[0]]
		bad |= v
		if d.n%3 == 1 {
			v *= 3
		}
		sum += int(v)
		s = s[1:]
	}
	d.n += len(s)
	for ; len(s) >= 3; s = s[3:] {
		a, b, c := values[s[0]], values[s[1]], values[s[2]]
		bad |= a | b | c
		sum += 7*int(a) + 3*int(b) + int(c)
	}
	if len(s) > 0 {
		bad |= values[s[0]]
		sum += 7 * int(values[s[0]])
	}
	if len(s) > 1 {
		bad |= values[s[1]]
		sum += 3 * int(values[s[1]])
	}
	d.sum += sum
	return bad&illegal == 0
}

func (d *digits) digit() byte { return byte('0' + d.sum%10) }

// legal reports whether s holds only A-Z, 0-9 and the filler (Doc 9303 part 3, 4.3).
func legal(s string) bool {
	bad := uint8(0)
	for ; len(s) >= 4; s = s[4:] {
		bad |= values[s[0]] | values[s[1]] | values[s[2]] | values[s[3]]
	}
	for i := range len(s) {
		bad |= values[s[i]]
	}
	return bad&illegal == 0
}
