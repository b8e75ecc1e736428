package conv_test

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// The numbers that the lecture's slides print, by every algorithm on every
// tier. Package ref's tests say where the slides and the numbers differ.

// diagonal is the slides' scribble: a line that falls to the right.
var diagonal = []float32{
	10, 0, 0,
	0, 10, 0,
	0, 0, 10,
}

// A slide is one filter on one square image.
type slide struct {
	name            string
	image           []float32 // side x side x channels
	side, channels  int
	filter          []float32 // filterSide x filterSide x channels
	filterSide      int
	padding, stride int
	bias            float32
	want            []float32 // the feature map, or its start
}

// featureMap computes the whole map.
func (s *slide) featureMap(t *testing.T, tier kernels.Tier, a conv.Algorithm) []float32 {
	t.Helper()
	shape, err := conv.Shape{N: 1, C: s.channels, K: 1, Window: window(s.side, s.filterSide, s.stride, s.padding)}.Check()
	must(t, err)
	l := newLayer(t, shape, kernels.Options{Tier: tier}, a)
	in := inputs{shape, s.image, s.filter, make([]float32, shape.YLen())}
	return l.runForward(t, in, stale, conv.Epilogue{Bias: []float32{s.bias}})
}

// each calls f with the map by every algorithm that can make it on every tier.
func (s *slide) each(t *testing.T, f func(t *testing.T, name string, y []float32)) {
	t.Helper()
	shape, err := conv.Shape{N: 1, C: s.channels, K: 1, Window: window(s.side, s.filterSide, s.stride, s.padding)}.Check()
	must(t, err)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range exactAlgorithms(shape) {
			f(t, s.name+" by "+a.String(), s.featureMap(t, tier, a))
		}
	})
}

var slides = []slide{
	{"X filter", []float32{
		1, 1, 1, 0, 0,
		0, 1, 1, 1, 0,
		0, 0, 1, 1, 1,
		0, 0, 1, 1, 0,
		0, 1, 1, 0, 0,
	}, 5, 1, []float32{
		1, 0, 1,
		0, 1, 0,
		1, 0, 1,
	}, 3, 0, 1, 0, []float32{
		4, 3, 4,
		2, 4, 3,
		2, 3, 4,
	}},
	{"falling diagonal", diagonal, 3, 1, []float32{10, 0, 0, 10}, 2, 0, 1, 0, []float32{200, 0, 0, 200}},
	{"falling diagonal with bias", diagonal, 3, 1, []float32{10, 0, 0, 10}, 2, 0, 1, 20, []float32{220, 20, 20, 220}},
	{"rising diagonal", diagonal, 3, 1, []float32{0, 5, 3, 0}, 2, 0, 1, 0, []float32{0, 30, 50, 0}},
	{"rising diagonal with bias", diagonal, 3, 1, []float32{0, 5, 3, 0}, 2, 0, 1, 10, []float32{10, 40, 60, 10}},
	{"horizontal line", diagonal, 3, 1, []float32{2, 6, 0, 0}, 2, 0, 1, 0, []float32{20, 0, 60, 20}},
	{"horizontal line with bias", diagonal, 3, 1, []float32{2, 6, 0, 0}, 2, 0, 1, 20, []float32{40, 20, 80, 40}},
	{"zero padding", diagonal, 3, 1, []float32{0, 1, 1, 0}, 2, 1, 1, 10, []float32{
		10, 20, 10, 10,
		20, 10, 20, 10,
		10, 20, 10, 20,
		10, 10, 20, 10,
	}},
	{"stride 3", diagonal, 3, 1, []float32{0, 1, 1, 0}, 2, 1, 3, 0, []float32{0, 0, 0, 0}},
	// No slide: the zeros above would hide a map that is shifted.
	{"stride 3, falling diagonal", diagonal, 3, 1, []float32{1, 0, 0, 1}, 2, 1, 3, 0, []float32{10, 0, 0, 10}},
	{"three channels", threeChannels, 5, 3, []float32{
		-1, 1, 0, -1, 0, 1, 1, 0, 1,
		0, 1, 0, 1, -1, 1, -1, -1, 0,
		0, 1, 1, 1, 0, -1, 1, -1, 1,
	}, 3, 1, 1, 1, []float32{-25}}, // 308 - 498 + 164 + 1
}

var threeChannels = []float32{
	156, 167, 163, 155, 166, 162, 156, 167, 163, 158, 169, 165, 158, 169, 165,
	153, 164, 160, 154, 165, 161, 157, 168, 164, 159, 170, 166, 159, 170, 166,
	149, 160, 156, 151, 162, 158, 155, 166, 162, 158, 169, 165, 159, 170, 166,
	146, 156, 155, 146, 156, 155, 149, 159, 158, 153, 163, 162, 158, 168, 167,
	145, 155, 154, 143, 153, 152, 143, 153, 152, 148, 158, 157, 158, 168, 167,
}

func TestLectureSlides(t *testing.T) {
	for _, s := range slides {
		s.each(t, func(t *testing.T, name string, y []float32) {
			if len(s.want) == 1 {
				y = y[:1]
			}
			kerneltest.Equal(t, name, y, s.want)
		})
	}
}

// TestLectureBlurAndEdges applies the table that blurs, normalised by the sum
// of its weights, 1068, and the one that finds edges, to an image whose left
// half is dark and whose right half is bright.
func TestLectureBlurAndEdges(t *testing.T) {
	blur := []float32{
		0, 0, 0, 5, 0, 0, 0,
		0, 5, 18, 32, 18, 5, 0,
		0, 18, 64, 100, 64, 18, 0,
		5, 32, 100, 100, 100, 32, 5,
		0, 18, 64, 100, 64, 18, 0,
		0, 5, 18, 32, 18, 5, 0,
		0, 0, 0, 5, 0, 0, 0,
	}
	for i := range blur {
		blur[i] /= 1068
	}
	edge := []float32{
		-1, -1, -1,
		-1, 8, -1,
		-1, -1, -1,
	}
	const side = 12
	constant := slices.Repeat([]float32{7}, side*side)
	halves := make([]float32, side*side)
	for i := range halves {
		if i%side >= side/2 {
			halves[i] = 10
		}
	}
	blurred := slide{name: "blurred constant", image: constant, side: side, channels: 1, filter: blur, filterSide: 7, stride: 1}
	blurred.each(t, func(t *testing.T, name string, y []float32) {
		kerneltest.Close(t, name, y, slices.Repeat([]float64{7}, 6*6), 1e-6)
	})
	blurred.name, blurred.image = "blurred halves", halves
	blurred.each(t, func(t *testing.T, name string, y []float32) {
		for i, v := range y {
			if v <= 0 || v >= 10 || i%6 > 0 && v <= y[i-1] {
				t.Errorf("%s: row %v, want it to rise from 0 to 10", name, y[i/6*6:][:6])
				break
			}
		}
	})
	edges := slide{name: "edges of a constant", image: constant, side: side, channels: 1, filter: edge, filterSide: 3, stride: 1}
	edges.each(t, func(t *testing.T, name string, y []float32) {
		kerneltest.Equal(t, name, y, make([]float32, 10*10))
	})
	edges.name, edges.image = "edges of halves", halves
	edges.each(t, func(t *testing.T, name string, y []float32) {
		// Three of the eight neighbours are across the edge.
		kerneltest.Equal(t, name, y, slices.Repeat([]float32{0, 0, 0, 0, -30, 30, 0, 0, 0, 0}, 10))
	})
}
