package benchmarks

import (
	"fmt"
	"math"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

// The operands of one layer, for all its rows, and what one pass must give.
type operands struct {
	of       convRow // its net, layer and n alone
	x, w, dy []float32

	pass conv.Pass // of want
	want []float64 // by plain loops in float64, of the last image; nil if too slow
}

// use makes o the operands of a row, if it does not have them already.
func (o *operands) use(r convRow) error {
	of := convRow{net: r.net, layer: r.layer, n: r.n}
	if of != o.of {
		s, err := r.shape().Check()
		if err != nil {
			return err
		}
		*o = operands{of: of, x: make([]float32, s.XLen()), w: make([]float32, s.WLen()), dy: make([]float32, s.YLen())}
		for i, v := range [][]float32{o.x, o.w, o.dy} {
			kerneltest.FillUniform(v, uint64(i))
		}
	}
	if r.pass != o.pass {
		o.pass, o.want = r.pass, o.expect(r)
	}
	return nil
}

// result allocates what the pass writes.
func (o *operands) result(pass conv.Pass) []float32 {
	like := map[conv.Pass][]float32{conv.Forward: o.dy, conv.BackwardData: o.x, conv.BackwardWeights: o.w}
	return make([]float32, len(like[pass]))
}

// refConv returns a shape for package ref.
func refConv(s conv.Shape) ref.Conv {
	return ref.Conv{
		N: s.N, H: s.H, W: s.W, C: s.C, K: s.K, R: s.R, S: s.S,
		StrideH: s.StrideH, StrideW: s.StrideW, DilationH: s.DilationH, DilationW: s.DilationW,
		Top: s.Top, Bottom: s.Bottom, Left: s.Left, Right: s.Right, Groups: s.Groups,
	}
}

// loops runs a pass by plain loops.
func loops[T ref.Float](pass conv.Pass, c ref.Conv, out, x, w, dy []T) {
	switch pass {
	case conv.Forward:
		ref.ConvForward(c, out, x, w)
	case conv.BackwardData:
		ref.ConvBackwardData(c, out, dy, w)
	case conv.BackwardWeights:
		ref.ConvBackwardWeights(c, out, dy, x)
	}
}

// expect returns what a row must give for the last image, or for the whole batch
// if the pass sums over it. It returns nil if plain loops would take too long.
func (o *operands) expect(r convRow) []float64 {
	images := 1
	if r.pass == conv.BackwardWeights {
		images = r.n
	}
	if r.layer.FLOP(images) >= naiveFLOP {
		return nil
	}
	c := refConv(r.shape())
	c.N = images
	tail := func(s []float32) []float64 { return float64s(s[len(s)-len(s)/r.n*images:]) }
	out := float64s(o.result(r.pass))
	if r.pass != conv.BackwardWeights {
		out = out[:len(out)/r.n]
	}
	loops(r.pass, c, out, tail(o.x), float64s(o.w), tail(o.dy))
	return out
}

func float64s(s []float32) []float64 {
	d := make([]float64, len(s))
	for i, v := range s {
		d[i] = float64(v)
	}
	return d
}

// check compares a result with what is expected.
func (o *operands) check(r convRow, got []float32) error {
	if o.want == nil {
		return nil
	}
	oh, ow := r.layer.Out()
	terms := r.layer.R * r.layer.S
	switch r.pass {
	case conv.Forward:
		terms *= r.layer.C
	case conv.BackwardData:
		terms *= r.layer.K
	case conv.BackwardWeights:
		terms = r.n * oh * ow
	}
	return checkResult(got[len(got)-len(o.want):], o.want, terms)
}

// checkResult reports results that differ by more than rounding: the error of
// adding up one term after the other grows with the square root of their number,
// and is about a quarter of the bound.
func checkResult(got []float32, want []float64, terms int) error {
	bound := max(1e-6, 1e-7*math.Sqrt(float64(terms)))
	rms, largest := kerneltest.RMSError(got, want)
	if !(rms <= bound) {
		return fmt.Errorf("wrong result: rms error %.3g, largest %.3g, relative to the rms of the result; want at most %.3g", rms, largest, bound)
	}
	return nil
}
