package ref_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

func TestReLU(t *testing.T) {
	x := []float64{-1, 0, 2, math.NaN(), math.Inf(-1), math.Inf(1)}
	y := stale(6)
	ref.ReLU(y, x)
	want := []float64{0, 0, 2, math.NaN(), 0, math.Inf(1)}
	checkEqual(t, "y", y, want)
	ref.ReLU(x, x)
	checkEqual(t, "y in place", x, want)
}

func TestReLUAtZero(t *testing.T) {
	dx := stale(3)
	ref.ReLUBackward(dx, []float64{5, 6, 7}, []float64{0, math.NaN(), 1})
	checkEqual(t, "dx", dx, []float64{0, 0, 7})
}

func TestActivationGradients(t *testing.T) {
	for _, c := range []struct {
		name     string
		forward  func(y, x []float64)
		backward func(dx, dy, y []float64)
	}{
		{"relu", ref.ReLU[float64], ref.ReLUBackward[float64]},
		{"sigmoid", ref.Sigmoid[float64], ref.SigmoidBackward[float64]},
		{"tanh", ref.Tanh[float64], ref.TanhBackward[float64]},
	} {
		x, dy := normal(1, 20), normal(2, 20)
		y, dx := stale(20), stale(20)
		loss := func() float64 {
			c.forward(y, x)
			return dot(dy, y)
		}
		loss()
		c.backward(dx, dy, y)
		checkGradient(t, c.name, loss, x, dx)
	}
}

func TestSigmoidAndTanhValues(t *testing.T) {
	inf := math.Inf(1)
	y := stale(4)
	ref.Sigmoid(y, []float64{0, math.Log(3), -inf, inf})
	checkClose(t, "sigmoid", y, []float64{0.5, 0.75, 0, 1})
	ref.Tanh(y, []float64{0, math.Log(2), -inf, inf})
	checkClose(t, "tanh", y, []float64{0, 0.6, -1, 1})
}

func TestDropout(t *testing.T) {
	y := stale(4)
	ref.Dropout(y, []float64{1, 2, 3, math.NaN()}, []bool{true, false, true, false}, 0.75)
	checkEqual(t, "y", y, []float64{4, 0, 12, 0})
	ref.Dropout(y, []float64{1, 2, 3, 4}, []bool{true, true, true, true}, 0)
	checkEqual(t, "y without dropout", y, []float64{1, 2, 3, 4})
}
