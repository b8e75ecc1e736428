package main

import (
	"maps"
	"math/big"
	"slices"

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
// binary, and with the least error of all points of this form. Tile 8 has 0, 1, -1,
// 2, -2, 1/2, -1/2 and infinity. Points of equal size and opposite sign share
// their even and odd parts.

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

// stages are one transform. In the first of the two dimensions it goes by steps,
// as many rows at a time as the registers hold; in the second all wide steps run
// on each row, or row does, which reads each value once and may overwrite it.
type stages struct {
	wide   []step
	narrow []step // for tiers with 16 registers; nil if wide fits
	row    func(w *vectors, from source, to sink)
}

// first is the first dimension.
func (s *stages) first(v *isa) []step {
	if len(v.regs) < 32 && s.narrow != nil {
		return s.narrow
	}
	return s.wide
}

// points is the set of transforms of one tile size.
type points struct {
	tile   int
	input  stages
	filter map[int]stages // by taps
	output map[int]stages // by outputs
}

// The constants of tiles 4 and 6: a and b are the points, na and nb one over
// the product of their distances to the others, a repeated letter is a power.
// Those of tile 8 are fractions.
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
	names, values := slices.Clone(winogradNames), maps.Clone(winogradConstants)
	for _, n := range slices.Concat(input8, filter8, output8) {
		r, ok := new(big.Rat).SetString(n)
		if !ok {
			panic("winograd: no fraction: " + n)
		}
		if _, ok := values[n]; !ok {
			names = append(names, n)
		}
		values[n], _ = r.Float64()
	}
	return emitConstants(c, "winograd", names, values)
}
