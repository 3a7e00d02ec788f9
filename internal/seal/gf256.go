package seal

// Arithmetic in GF(2^8) modulo x^8+x^4+x^3+x+1 (FIPS 197, 4.2). No tables and no branches on values: shares are secret, and
// look-ups leave traces in the cache.

func gfMul(a, b byte) byte {
	var p byte
	for range 8 {
		p ^= a & -(b & 1)
		a = a<<1 ^ 0x1b&-(a>>7)
		b >>= 1
	}
	return p
}

// gfInv is a^254, the inverse of a; 0 for 0.
func gfInv(a byte) byte {
	r := byte(1)
	for range 7 {
		a = gfMul(a, a)
		r = gfMul(r, a)
	}
	return r
}

// gfEval is the polynomial c[0] + c[1]x + … at x.
func gfEval(c []byte, x byte) byte {
	var y byte
	for i := len(c) - 1; i >= 0; i-- {
		y = gfMul(y, x) ^ c[i]
	}
	return y
}

// gfWeights are the factors by which values at xs, distinct and not 0, add up to the value at 0 (Lagrange).
func gfWeights(xs []byte) []byte {
	w := make([]byte, len(xs))
	for i, x := range xs {
		w[i] = 1
		for j, other := range xs {
			if i != j {
				w[i] = gfMul(w[i], gfMul(other, gfInv(other^x)))
			}
		}
	}
	return w
}
