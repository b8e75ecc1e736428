package main

import (
	"github.com/mmcloughlin/avo/build"
)

// Winograd's F(m,r) computes m outputs of a filter of r taps from tile = m+r-1
// inputs with one multiplication for each of tile points:
//
//	y = Aᵀ [ (G g) ⊙ (Bᵀ d) ]
//
// Bᵀd is the input's polynomial at the points, G g the filter's over the
// products of the points' distances, and Aᵀ goes back. Tile 4 has the points 0,
// 1, -1 and infinity, tile 6 has 0, 5/8, -5/8, 3/2, -3/2 and infinity: exact in
// binary, and with the least error of all points of this form. Points of equal
// size and opposite sign share their even and odd parts.

// A step is a part of a one-dimensional transform, which emits some of its rows:
// from returns input i, to takes a row when it is ready.
type step struct {
	rows []int
	emit func(w *vectors, from source, to sink)
}

type (
	source func(i int) value
	sink   func(row int, v value)
)

// points is the set of transforms of one tile size. In the first of the two
// dimensions they go by steps, as many rows at a time as the registers hold; in
// the second all steps run on each row.
type points struct {
	tile   int
	input  []step
	narrow []step         // input for tiers with 16 registers
	filter map[int][]step // by taps
	output map[int][]step // by outputs
}

// inputSteps is the first dimension of the input's transform.
func (p *points) inputSteps(v *isa) []step {
	if len(v.regs) < 32 {
		return p.narrow
	}
	return p.input
}

// The constants of the transforms: a and b are the points, na and nb one over
// the product of their distances to the others, a repeated letter is a power.
var (
	winogradNames = []string{"half", "a", "b", "aa", "bb", "aaa", "bbb",
		"n0", "na", "nb", "naa", "nbb", "naaa", "nbbb", "naaaa", "nbbbb"}
	winogradConstants = func() map[string]float64 {
		const a, b = 5. / 8, 3. / 2
		const aa, bb = a * a, b * b
		const na, nb = 1 / (2 * aa * (aa - bb)), 1 / (2 * bb * (bb - aa))
		return map[string]float64{
			"half": 0.5, "a": a, "b": b, "aa": aa, "bb": bb, "aaa": aa * a, "bbb": bb * b,
			"n0": 1 / (aa * bb), "na": na, "nb": nb, "naa": na * a, "nbb": nb * b,
			"naaa": na * aa, "nbbb": nb * bb, "naaaa": na * aa * a, "nbbbb": nb * bb * b,
		}
	}()
)

func winogradTable(c *build.Context) constants {
	return emitConstants(c, "winograd", winogradNames, winogradConstants)
}
