package conv

import (
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// A namedShape is a checked shape and the edge it stands for.
type namedShape struct {
	Name  string
	Shape Shape
}

// square is a shape with square image, filter, stride and padding.
func square(n, c, k, side, filter, stride, padding int) Shape {
	return Shape{N: n, C: c, K: k, Window: geometry.Window{
		H: side, W: side, R: filter, S: filter, StrideH: stride, StrideW: stride,
		Padding: geometry.Padding{Top: padding, Bottom: padding, Left: padding, Right: padding},
	}}
}

// with returns s changed by f.
func (s Shape) with(f func(*Shape)) Shape {
	f(&s)
	return s
}

// corpus returns the geometries that every tier, algorithm and pass must get
// exactly right: the edges of tiles, blocks, regions and calls. It is cut short
// by -short, on which emulated processors rely.
func corpus(t testing.TB) []namedShape {
	t.Helper()
	shapes := []namedShape{
		{"1x1 everything", square(1, 1, 1, 1, 1, 1, 0)},
		{"1x1 map under 3x3", square(2, 3, 5, 1, 3, 1, 1)},
		{"one channel in", square(1, 1, 19, 9, 3, 1, 1)},
		{"one channel out", square(1, 19, 1, 9, 3, 1, 1)},
		{"no images", square(0, 3, 5, 6, 3, 1, 1)},
		{"no images, pointwise", square(0, 3, 5, 6, 1, 1, 0)},
		{"stride above kernel", square(2, 3, 5, 11, 2, 3, 0)},
		{"stride far above kernel", square(1, 2, 3, 13, 1, 5, 2)},
		{"stride above map", square(1, 4, 6, 3, 2, 7, 1)},
		{"padding equals kernel", square(1, 3, 4, 4, 2, 1, 2)},
		{"padding above kernel", square(1, 3, 4, 3, 2, 2, 5)},
		{"dilation", square(1, 5, 7, 9, 3, 1, 2).with(func(s *Shape) { s.DilationH, s.DilationW = 2, 3 })},
		{"dilation and stride", square(2, 4, 3, 11, 3, 2, 3).with(func(s *Shape) { s.DilationH, s.DilationW = 3, 2 })},
		{"dilation above map", square(1, 2, 3, 4, 3, 1, 5).with(func(s *Shape) { s.DilationH, s.DilationW = 5, 6 })},
		{"four paddings", square(2, 3, 5, 7, 3, 1, 0).with(func(s *Shape) { s.Padding = geometry.Padding{Top: 0, Bottom: 3, Left: 2, Right: 1} })},
		{"oblong", Shape{N: 2, C: 3, K: 18, Window: geometry.Window{
			H: 4, W: 17, R: 2, S: 5, StrideH: 2, StrideW: 3, DilationH: 2, Padding: geometry.Padding{Top: 1, Left: 4, Right: 2},
		}}},
		{"tall", Shape{N: 1, C: 2, K: 3, Window: geometry.Window{H: 131, W: 2, R: 3, S: 2, Padding: geometry.Padding{Top: 1, Bottom: 1}}}},
		// More segments than a sweep keeps: every output is a region of its own.
		{"filter larger than the map", Shape{N: 1, C: 2, K: 3, Window: geometry.Window{H: 19, W: 20, R: 31, S: 33}.Same()}},
		{"dilated filter larger than the map", Shape{N: 1, C: 1, K: 2, Window: geometry.Window{H: 20, W: 22, R: 31, S: 31, StrideH: 2, DilationW: 2}.Same()}},
		{"groups", square(2, 12, 8, 6, 3, 1, 1).with(func(s *Shape) { s.Groups = 4 })},
		{"groups, strided", square(1, 6, 39, 7, 3, 2, 1).with(func(s *Shape) { s.Groups = 3 })},
		{"groups, pointwise", square(2, 10, 70, 4, 1, 1, 0).with(func(s *Shape) { s.Groups = 2 })},
		{"depthwise", square(2, 35, 35, 6, 3, 1, 1).with(func(s *Shape) { s.Groups = 35 })},
		{"depthwise, multiplied", square(1, 9, 27, 7, 3, 2, 1).with(func(s *Shape) { s.Groups = 9 })},
		{"depthwise, more channels than a call takes", square(1, 1700, 1700, 3, 3, 1, 1).with(func(s *Shape) { s.Groups = 1700 })},
		{"depthwise, more taps than a call takes", square(2, 65, 65, 17, 16, 1, 7).with(func(s *Shape) { s.Groups = 65 })},
		{"depthwise, more pixels in a row than a call takes", Shape{N: 1, C: 3, K: 3, Groups: 3, Window: geometry.Window{H: 2, W: 4100, R: 1, S: 2}}},
		{"depthwise, dilated and strided", square(2, 17, 17, 11, 3, 2, 2).with(func(s *Shape) { s.Groups, s.DilationH, s.DilationW = 17, 2, 3 })},
		{"block less one", square(1, BlockC-1, 3, 4, 3, 1, 1)},
		{"block", square(1, BlockC, 3, 4, 3, 1, 1)},
		{"block and one", square(1, BlockC+1, 3, 4, 3, 1, 1)},
		{"block and one out", square(1, 3, BlockC+1, 4, 3, 1, 1)},
		{"two blocks and one, strided", square(1, 2*BlockC+1, 5, 5, 3, 2, 1)},
		// Backward weights copies what is crowded, band by band.
		{"crowded in and out", square(3, crowded+1, crowded+3, 4, 3, 1, 1)},
		{"crowded in, bands through images", square(3, crowded, 5, 21, 3, 1, 1)},
		{"crowded out, bands through images", square(3, 5, crowded+9, 21, 3, 1, 2)},
		{"crowded, strided", square(2, crowded/2, crowded, 7, 3, 2, 1)},
		{"crowded, strided, pointwise", square(3, crowded, crowded, 5, 1, 2, 0)},
		{"crowded, gaps, dilation", square(2, crowded, 4, 9, 2, 4, 1).with(func(s *Shape) { s.DilationH, s.DilationW = 2, 3 })},
		{"crowded, dilation", square(2, crowded, 4, 9, 3, 1, 2).with(func(s *Shape) { s.DilationH, s.DilationW = 2, 3 })},
		{"crowded, groups", square(2, crowded, crowded, 4, 3, 1, 1).with(func(s *Shape) { s.Groups = 4 })},
		{"pointwise", square(3, 7, 20, 5, 1, 1, 0)},
		{"pointwise, blocks", square(2, 2*BlockC+2, 17, 5, 1, 1, 0)},
		{"pointwise, strided", square(2, 7, 33, 7, 1, 2, 0)},
		{"pointwise, padded", square(1, 3, 5, 4, 1, 1, 2)},
		{"first layer", square(1, 1, 64, 28, 7, 1, 3)},
		{"first layer, strided", square(1, 3, 16, 23, 7, 2, 3)},
		{"lecture second layer", square(1, 64, 32, 7, 3, 1, 1)},
		{"strips", square(1, 2, 3, 0, 3, 1, 1).with(func(s *Shape) { s.H, s.W = 3, 8*14+5 })},
		{"upright strips", square(1, 2, 3, 0, 3, 1, 1).with(func(s *Shape) { s.H, s.W = 2*8*14+5, 3 })},
		{"panels outside", square(1, 160, 100, 5, 3, 1, 1)},
		{"two calls, AVX-512", square(1, 700, 3, 3, 3, 1, 1)},
		{"two calls, AVX2", square(1, 1400, 3, 3, 3, 1, 1)},
		{"two calls backward, AVX-512", square(1, 3, 700, 3, 3, 1, 1)},
		{"two calls backward, AVX2", square(1, 3, 1400, 3, 3, 1, 1)},
		{"long row", Shape{N: 1, C: 1, K: 1, Window: geometry.Window{H: 2, W: 13000, R: 1, S: 3, Padding: geometry.Padding{Left: 1, Right: 1}}}},
		{"many pixels, pointwise", square(2, 1, 2, 115, 1, 1, 0)},
		{"many bands", square(3, 40, 40, 20, 3, 1, 1)},
	}
	for _, side := range []int{5, 6, 7, 13, 14, 15} {
		shapes = append(shapes, namedShape{"map around the tile", square(1, 3, 5, side, 3, 1, 1)})
	}
	for _, k := range []int{15, 16, 17, 31, 32, 33} {
		shapes = append(shapes, namedShape{"panel around the tile", square(1, 4, k, 4, 3, 1, 1)},
			namedShape{"panel around the tile, backward", square(1, k, 4, 4, 3, 1, 1)})
	}
	var checked []namedShape
	for i, s := range shapes {
		shape, err := s.Shape.Check()
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if testing.Short() && i%2 == 1 && shape.FLOP() > 2e5 {
			continue
		}
		checked = append(checked, namedShape{s.Name, shape})
	}
	return checked
}

// randomShapes draws n shapes that have an output, each small enough for plain
// loops.
func randomShapes(seed uint64, n int) (shapes []namedShape) {
	r := rand.New(rand.NewPCG(seed, 0))
	channels := func() int {
		switch r.IntN(8) {
		case 0:
			return 1
		case 1:
			return BlockC - 2 + r.IntN(5)
		case 2:
			return 15 + r.IntN(3) + 16*r.IntN(2)
		}
		return 1 + r.IntN(20)
	}
	for len(shapes) < n {
		g := 1 + r.IntN(3)*r.IntN(2)
		s := Shape{N: 1 + r.IntN(3), C: g * channels(), K: g * channels(), Groups: g, Window: geometry.Window{
			H: 1 + r.IntN(20), W: 1 + r.IntN(20), R: 1 + r.IntN(4), S: 1 + r.IntN(4),
			StrideH: 1 + r.IntN(3), StrideW: 1 + r.IntN(3), DilationH: 1 + r.IntN(3)/2, DilationW: 1 + r.IntN(3)/2,
			Padding: geometry.Padding{Top: r.IntN(4), Bottom: r.IntN(4), Left: r.IntN(4), Right: r.IntN(4)},
		}}
		if r.IntN(3) == 0 {
			s.R, s.S, s.StrideH, s.StrideW, s.DilationH, s.DilationW = 3, 3, 1, 1, 1, 1
		}
		s, err := s.Check()
		if err != nil || s.FLOP() > 1.5e6 {
			continue
		}
		shapes = append(shapes, namedShape{s.String(), s})
	}
	return shapes
}
