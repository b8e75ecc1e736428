package kernels_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

var softmaxCols = []int{1, 2, 3, 10, 15, 16, 17, 31, 33, 100, 1000, 4099}

// softmaxBound is the documented relative error of a probability.
func softmaxBound(cols int) float64 { return float64(cols/16+8) * ulp }

func TestSoftmax(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 2)
		for _, cols := range softmaxCols {
			for _, size := range []float32{0, 1e-3, 1, 30, 1e4, 3e38} {
				x := uniform(11*cols, uint64(cols)) // more rows than go together
				e.Scale(x, size)
				y, check := kerneltest.Canary(t, len(x))
				exact := make([]float64, len(x))
				ref.Softmax(exact, widen(x), cols)
				e.Softmax(y, x, cols)
				check()
				name := fmt.Sprintf("cols=%d size=%g", cols, size)
				near(t, name, y, exact, softmaxBound(cols))
				e.Softmax(x, x, cols)
				kerneltest.Equal(t, name+" in place", x, y)
			}
		}
		e.Softmax(nil, nil, 3)
	})
}

// laneSum adds up s as the contract has it: over 16 lanes, folded as a tree.
func laneSum(s []float32) float32 {
	var lanes [16]float32
	for i, v := range s {
		lanes[i%16] += v
	}
	for _, half := range []int{8, 4, 2, 1} {
		for i := range half {
			lanes[i] += lanes[i+half]
		}
	}
	return lanes[0]
}

// TestSoftmaxLanes holds the sum to its definition, bit by bit.
func TestSoftmaxLanes(t *testing.T) {
	for _, cols := range softmaxCols {
		x := uniform(cols, 5)
		exact := make([]float32, cols)
		for i, v := range x {
			exact[i] = float32(math.Exp(float64(v) - float64(slices.Max(x))))
		}
		sum := laneSum(exact)
		for i := range exact {
			exact[i] /= sum
		}
		newEngine(t, kernels.TierGeneric, 1).Softmax(x, x, cols)
		kerneltest.Equal(t, fmt.Sprintf("cols=%d", cols), x, exact)
	}
}

// TestSoftmaxEdges checks rows without probabilities, and that they leave
// their neighbours alone.
func TestSoftmaxEdges(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, c := range []struct{ x, want []float32 }{
			{[]float32{-inf, 3}, []float32{0, 1}},
			{[]float32{-inf, -inf}, []float32{nan, nan}},
			{[]float32{inf, 3}, []float32{nan, nan}},
			{[]float32{inf, -inf}, []float32{nan, nan}},
			{[]float32{3, nan}, []float32{nan, nan}},
			{[]float32{nan, inf}, []float32{nan, nan}},
			{[]float32{0, float32(math.Copysign(0, -1))}, []float32{0.5, 0.5}},
			{[]float32{math.MaxFloat32, -math.MaxFloat32}, []float32{1, 0}},
			{[]float32{math.MaxFloat32, math.MaxFloat32}, []float32{0.5, 0.5}},
			{[]float32{-math.MaxFloat32, -math.MaxFloat32}, []float32{0.5, 0.5}},
		} {
			x := slices.Concat([]float32{1, 1}, c.x, []float32{2, 2})
			y := make([]float32, len(x))
			e.Softmax(y, x, 2)
			kerneltest.Equal(t, fmt.Sprint(c.x), y, slices.Concat([]float32{0.5, 0.5}, c.want, []float32{0.5, 0.5}))
			wide := make([]float64, len(x))
			ref.Softmax(wide, widen(x), 2)
			near(t, fmt.Sprint("against ref: ", c.x), y, wide, 0)
		}
	})
}

func TestSoftmaxGuarded(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	for _, atEnd := range []bool{false, true} {
		for _, cols := range []int{1, 7, 16, 33} {
			x, y := kerneltest.Guarded(t, 5*cols, atEnd), kerneltest.Guarded(t, 5*cols, atEnd)
			labels := kerneltest.GuardedBytes(t, 5, atEnd)
			e.Softmax(y, x, cols)
			near(t, "softmax", y[4*cols:4*cols+1], []float64{1 / float64(cols)}, softmaxBound(cols))
			loss, _ := e.CrossEntropy(y, x, labels, cols)
			if want := 5 * math.Log(float64(cols)); math.Abs(loss-want) > 1e-6*want {
				t.Errorf("cols=%d: loss %v, want %v", cols, loss, want)
			}
		}
	}
}

// TestSoftmaxThreadsBits compares the bits of 1, 2 and 7 threads.
func TestSoftmaxThreadsBits(t *testing.T) {
	engines := threadedEngines(t, kernels.TierAuto)
	for _, s := range [][2]int{{4001, 10}, {37, 1000}, {30001, 1}, {9, 5000}} {
		rows, cols := s[0], s[1]
		x := uniform(rows*cols, 6)
		labels := make([]uint8, rows)
		for i := range labels {
			labels[i] = uint8(i % min(cols, 256))
		}
		y, dx := make([]float32, len(x)), make([]float32, len(x))
		engines[0].Softmax(y, x, cols)
		loss, correct := engines[0].CrossEntropy(dx, x, labels, cols)
		for _, e := range engines[1:] {
			y2, dx2 := make([]float32, len(x)), make([]float32, len(x))
			e.Softmax(y2, x, cols)
			loss2, correct2 := e.CrossEntropy(dx2, x, labels, cols)
			kerneltest.Equal(t, "softmax", y2, y)
			kerneltest.Equal(t, "dx", dx2, dx)
			if loss2 != loss || correct2 != correct {
				t.Errorf("%v: loss and correct %v, %d with %d threads, want %v, %d", s, loss2, correct2, e.Options().Threads, loss, correct)
			}
			if n := kerneltest.Allocs(func() { e.Softmax(y2, x, cols); e.CrossEntropy(dx2, x, labels, cols) }); n > 0 {
				t.Errorf("%v: %d allocations", s, n)
			}
		}
	}
}

func TestSoftmaxPanics(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	buf := uniform(13, 1)
	before := clone(buf)
	for _, c := range []struct {
		want string
		y    []float32
		cols int
	}{
		{"kernels: rows must have at least one column", make([]float32, 12), 0},
		{"kernels: rows must have at least one column", make([]float32, 12), -3},
		{"kernels: length is not a whole number of rows", make([]float32, 12), 5},
		{"kernels: operands of different lengths", make([]float32, 11), 4},
		{"kernels: operands overlap without being the same", buf[1:], 4},
	} {
		wantPanic(t, c.want, func() { e.Softmax(c.y, buf[:12], c.cols) })
		kerneltest.Equal(t, "x", buf, before)
	}
}
