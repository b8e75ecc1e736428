package ref

import "math"

// MaxPoolForward computes
//
//	y[n][p][q][c] = max over r, s of x[n][h][w][c]
//
// with h and w as in [ConvForward], and records in argmax the tap r*S + s that
// won: the first maximum, or the first NaN if there is one. A window that lies
// wholly in the padding gives -Inf. argmax may be nil; R*S must be at most 256
// if it is not.
func MaxPoolForward[T Float](p Pool, y []T, argmax []uint8, x []T) {
	c := p.conv()
	checkLen("x", x, p.XLen())
	checkLen("y", y, p.YLen())
	checkArgmax(c, argmax)
	p.outputs(func(iy, ix, top, left int) {
		best, won := T(math.Inf(-1)), -1
		for r := 0; r < c.R; r++ {
			for s := 0; s < c.S; s++ {
				h, w := top+r*c.DilationH, left+s*c.DilationW
				if h < 0 || h >= c.H || w < 0 || w >= c.W {
					continue // in the padding
				}
				v := x[ix+(h*c.W+w)*c.C]
				firstNaN := v != v && best == best
				if won < 0 || v > best || firstNaN {
					best, won = v, r*c.S+s
				}
			}
		}
		y[iy] = best
		if argmax != nil {
			argmax[iy] = uint8(max(won, 0))
		}
	})
}

// MaxPoolBackward computes the gradient of the input: each dy goes to the one
// pixel that won, and pixels that won more than once sum what they get.
func MaxPoolBackward[T Float](p Pool, dx, dy []T, argmax []uint8) {
	c := p.conv()
	checkLen("dx", dx, p.XLen())
	checkLen("dy", dy, p.YLen())
	checkLen("argmax", argmax, p.YLen())
	clear(dx)
	p.outputs(func(iy, ix, top, left int) {
		r, s := int(argmax[iy])/c.S, int(argmax[iy])%c.S
		h, w := top+r*c.DilationH, left+s*c.DilationW
		if h < 0 || h >= c.H || w < 0 || w >= c.W {
			return // nothing won
		}
		dx[ix+(h*c.W+w)*c.C] += dy[iy]
	})
}

func checkArgmax(c Conv, argmax []uint8) {
	if argmax == nil {
		return
	}
	checkLen("argmax", argmax, c.YLen())
	if c.R*c.S > 256 {
		panic("ref: window too large for argmax")
	}
}
