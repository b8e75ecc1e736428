package net

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

func TestLocalResponseNormalization(t *testing.T) {
	for _, c := range []struct {
		layer LocalResponseNormalization
		want  ref.LRN
	}{
		{LocalResponseNormalization{}, ref.LRN{Radius: 5, Bias: 1, Alpha: 1, Beta: 0.5}},
		{LocalResponseNormalization{DepthRadius: 2, Bias: 2, Alpha: 1e-4, Beta: 0.75}, ref.LRN{Radius: 2, Bias: 2, Alpha: 1e-4, Beta: 0.75}},
		{LocalResponseNormalization{DepthRadius: 1, Alpha: 3, Beta: 1.25}, ref.LRN{Radius: 1, Bias: 1, Alpha: 3, Beta: 1.25}},
	} {
		for _, in := range []Shape{{17}, {4, 5, 3}, {3, 2, 40}} {
			t.Run(fmt.Sprintf("%+v in=%v", c.layer, in), func(t *testing.T) {
				allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
					r := trial{layer: c.layer, in: in, batch: 3, options: o}
					r.run(t)
					y, dx := make([]float64, len(r.x)), make([]float64, len(r.x))
					ref.LocalResponse(c.want, y, double(r.x), in[len(in)-1])
					ref.LocalResponseBackward(c.want, dx, double(r.dy), double(r.x), in[len(in)-1])
					kerneltest.Close(t, "y", r.y, y, bound)
					kerneltest.Close(t, "dx", r.dx, dx, bound)
					return [][]float32{r.y, r.dx}
				})
			})
		}
	}
}

func TestLocalResponseNormalizationErrors(t *testing.T) {
	for _, c := range []struct {
		want  string
		layer LocalResponseNormalization
	}{
		{"local_response_normalization: DepthRadius = -1, want at least 0", LocalResponseNormalization{DepthRadius: -1}},
		{"Bias = -1, want it positive", LocalResponseNormalization{Bias: -1}},
		{"Bias = 1e-60, want it positive", LocalResponseNormalization{Bias: 1e-60}},
		{"Alpha = NaN, want it positive", LocalResponseNormalization{Alpha: math.NaN()}},
		{"Beta = +Inf, want it positive", LocalResponseNormalization{Beta: math.Inf(1)}},
	} {
		_, err := Sequential(Input(4), c.layer)
		wantError(t, c.want, err, c.want)
	}
}
