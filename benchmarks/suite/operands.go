package suite

import (
	"fmt"
	"math"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// Operands are those of one layer, for all its rows, and what one pass must
// give. The zero value is ready to use.
type Operands struct {
	X, W, DY []float32 // NHWC, HWIO, NHWC
	of       Conv      // its Net, Layer and N alone

	Want []float64 // by plain loops in float64, of the last image; nil if too slow
	pass conv.Pass // of Want
}

// operandElements bounds the operands of a layer, which every library copies: 4 GiB.
const operandElements = 1 << 30

// Use makes o the operands of a row, if it does not have them already.
func (o *Operands) Use(r Conv) error {
	of := Conv{Net: r.Net, Layer: r.Layer, N: r.N}
	if of != o.of {
		s, err := r.Shape().Check()
		if err != nil {
			return err
		}
		if n := s.XLen() + s.WLen() + s.YLen(); n > operandElements {
			return fmt.Errorf("%s: %s on %d images: operands of %d elements, want at most %d", r.Net, r.Layer.Name, r.N, n, operandElements)
		}
		*o = Operands{of: of, X: make([]float32, s.XLen()), W: make([]float32, s.WLen()), DY: make([]float32, s.YLen())}
		for i, v := range [][]float32{o.X, o.W, o.DY} {
			kerneltest.FillUniform(v, uint64(i))
		}
	}
	if r.Pass != o.pass {
		o.pass, o.Want = r.Pass, o.expect(r)
	}
	return nil
}

// Result allocates what the pass writes: y, dx or dw.
func (o *Operands) Result(pass conv.Pass) []float32 {
	like := map[conv.Pass][]float32{conv.Forward: o.DY, conv.BackwardData: o.X, conv.BackwardWeights: o.W}
	return make([]float32, len(like[pass]))
}

// expect returns what a row must give for the last image, or for the whole batch
// if the pass sums over it. It returns nil if plain loops would take too long.
func (o *Operands) expect(r Conv) []float64 {
	images := 1
	if r.Pass == conv.BackwardWeights {
		images = r.N
	}
	if r.Layer.FLOP(images) >= NaiveFLOP {
		return nil
	}
	c := refConv(r.Shape())
	c.N = images
	tail := func(s []float32) []float64 { return float64s(s[len(s)-len(s)/r.N*images:]) }
	out := float64s(o.Result(r.Pass))
	if r.Pass != conv.BackwardWeights {
		out = out[:len(out)/r.N]
	}
	loops(r.Pass, c, out, tail(o.X), float64s(o.W), tail(o.DY))
	return out
}

func float64s(s []float32) []float64 {
	d := make([]float64, len(s))
	for i, v := range s {
		d[i] = float64(v)
	}
	return d
}

// winograd6Factor is how much larger the error of winograd6 may be: with few
// channels up to 25 times that of adding up, a quarter of the bound.
const winograd6Factor = 6

// Check compares a result with what is expected, if that is known.
func (o *Operands) Check(r Conv, got []float32) error {
	if o.Want == nil {
		return nil
	}
	return Compare(got[len(got)-len(o.Want):], o.Want, r.Bound())
}

// Bound returns the rms error that a row's result may have, see the function
// [Bound].
func (r Conv) Bound() float64 {
	bound := Bound(r.Terms())
	if r.Algo == conv.Winograd6.String() {
		bound *= winograd6Factor
	}
	return bound
}

// Error returns the rms error of a result relative to the rms of what is expected,
// in units of 2^-24, half the distance from 1 to the next float32. It is false if
// nothing is known to compare with.
func (o *Operands) Error(got []float32) (float64, bool) {
	if o.Want == nil {
		return 0, false
	}
	rms, _ := kerneltest.RMSError(got[len(got)-len(o.Want):], o.Want)
	return rms * (1 << 24), true
}

// Terms returns how many products make up one element of the row's result.
func (r Conv) Terms() int {
	oh, ow := r.Layer.Out()
	switch r.Pass {
	case conv.BackwardData:
		return r.Layer.R * r.Layer.S * r.Layer.K
	case conv.BackwardWeights:
		return r.N * oh * ow
	default:
		return r.Layer.R * r.Layer.S * r.Layer.C
	}
}

// CheckResult reports results that differ by more than rounding.
func CheckResult(got []float32, want []float64, terms int) error {
	return Compare(got, want, Bound(terms))
}

// Bound returns the rms error that a sum of some products may have, relative to
// the rms of the result: the error of adding up one term after the other grows
// with the square root of their number, and is about a quarter of the bound.
func Bound(terms int) float64 { return max(1e-6, 1e-7*math.Sqrt(float64(terms))) }

// largestFactor is how much larger than the bound of the rms one element's error
// may be. In the layers of ResNet-34 it was up to 7.8 times, by Winograd's gradient
// of the weights.
const largestFactor = 32

// Compare returns an error if the rms error of a result is above a bound, or one
// element's, which the rms of many would hide, is far above it.
func Compare(got []float32, want []float64, bound float64) error {
	rms, largest := kerneltest.RMSError(got, want)
	if !(rms <= bound && largest <= largestFactor*bound) {
		return fmt.Errorf("wrong result: rms error %.3g, largest %.3g, relative to the rms of the result; want at most %.3g and %.3g",
			rms, largest, bound, largestFactor*bound)
	}
	return nil
}
