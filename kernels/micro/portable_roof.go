package micro

import (
	"math"
	"sync/atomic"
)

const (
	roofChains       = 12 // with the two factors, what fits 16 registers
	portableRoofFLOP = 2 * roofChains
)

// The roof's factors are variables and its sum is kept, so that the compiler
// cannot fold the loop away.
var (
	roofW, roofX float32 = 0.5, 1
	roofSink     atomic.Uint32
)

// portableRoof runs n turns of independent chains of multiply and add, the
// most a scalar loop can do.
func portableRoof(n int) {
	w, x := roofW, roofX
	var a, b, c, d, e, f, g, h, i, j, k, l float32
	for range n {
		a = float32(a*w) + x
		b = float32(b*w) + x
		c = float32(c*w) + x
		d = float32(d*w) + x
		e = float32(e*w) + x
		f = float32(f*w) + x
		g = float32(g*w) + x
		h = float32(h*w) + x
		i = float32(i*w) + x
		j = float32(j*w) + x
		k = float32(k*w) + x
		l = float32(l*w) + x
	}
	roofSink.Store(math.Float32bits(a + b + c + d + e + f + g + h + i + j + k + l))
}
