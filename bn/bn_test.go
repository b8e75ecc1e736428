package bn_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/parallel"
	"github.com/simdconv/simdconv/kernels/ref"
)

// sizes are pixels and channels around the edges of chunks and blocks.
var sizes = []struct{ m, c int }{
	{1, 1}, {1, 17}, {2, 3}, {49, 3}, {511, 1}, {512, 3}, {513, 17}, {1024, 1}, {1300, 5}, {3, 256}, {600, 257}, {5, 600},
}

// A layer is a plan with all operands of its calls.
type layer struct {
	*bn.Plan
	m, c          int
	ws            *bn.Workspace
	x, y, dx, dy  []float32
	q             bn.Params
	s             bn.Saved
	dgamma, dbeta []float32
}

// newLayer returns a layer with random operands, made by alloc.
func newLayer(t testing.TB, m, c int, o bn.Options, alloc func(n int) []float32) *layer {
	t.Helper()
	p, err := bn.NewPlan(m, c, o)
	if err != nil {
		t.Fatal(err)
	}
	l := &layer{
		Plan: p, m: m, c: c, ws: p.NewWorkspace(),
		x: alloc(m * c), y: alloc(m * c), dx: alloc(m * c), dy: alloc(m * c),
		q:      bn.Params{Gamma: alloc(c), Beta: alloc(c), MovingMean: alloc(c), MovingVariance: alloc(c)},
		s:      bn.Saved{Mean: alloc(c), InvStd: alloc(c)},
		dgamma: alloc(c), dbeta: alloc(c),
	}
	for i, s := range [][]float32{l.x, l.dy, l.q.Gamma, l.q.Beta, l.q.MovingMean} {
		kerneltest.FillUniform(s, uint64(i))
	}
	fill(l.q.MovingVariance, 1)
	return l
}

func heap(n int) []float32 { return make([]float32, n) }

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

func (l *layer) train(t testing.TB) {
	t.Helper()
	must(t, l.Train(l.ws, l.y, l.x, l.q, l.s))
}

func (l *layer) backward(t testing.TB) {
	t.Helper()
	must(t, l.Backward(l.ws, l.dx, l.dgamma, l.dbeta, l.dy, l.x, l.q.Gamma, l.s))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestMatchesReference(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("m=%d/c=%d", size.m, size.c), func(t *testing.T) {
			const epsilon = 1e-2
			m, c := size.m, size.c
			l := newLayer(t, m, c, bn.Options{Epsilon: epsilon, Momentum: bn.NoMomentum}, heap)
			x, dy, gamma, beta := widen(l.x), widen(l.dy), widen(l.q.Gamma), widen(l.q.Beta)
			movingMean, movingVariance := widen(l.q.MovingMean), widen(l.q.MovingVariance)
			y, dx := make([]float64, m*c), make([]float64, m*c)
			mean, variance := make([]float64, c), make([]float64, c)
			dgamma, dbeta := make([]float64, c), make([]float64, c)

			ref.BatchNormInfer(m, c, y, x, gamma, beta, movingMean, movingVariance, epsilon)
			must(t, l.Infer(l.ws, l.y, l.x, l.q))
			kerneltest.Close(t, "y of inference", l.y, y, 3e-7)

			ref.BatchNormTrain(m, c, y, mean, variance, x, gamma, beta, epsilon)
			l.train(t)
			kerneltest.Close(t, "y", l.y, y, 3e-7)
			kerneltest.Close(t, "saved mean", l.s.Mean, mean, 1e-7)
			kerneltest.Close(t, "moving mean", l.q.MovingMean, mean, 1e-7)
			kerneltest.Close(t, "moving variance", l.q.MovingVariance, variance, 1e-7)
			invStd := make([]float64, c)
			for i, v := range variance {
				invStd[i] = 1 / math.Sqrt(v+epsilon)
			}
			kerneltest.Close(t, "saved inverse deviation", l.s.InvStd, invStd, 1e-7)

			ref.BatchNormBackward(m, c, dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon)
			l.backward(t)
			kerneltest.Close(t, "dbeta", l.dbeta, dbeta, 1e-7)
			if m == 1 {
				kerneltest.Equal(t, "dgamma of one pixel", l.dgamma, make([]float32, c))
				kerneltest.Close(t, "dx of one pixel", l.dx, make([]float64, m*c), 0)
				return
			}
			kerneltest.Close(t, "dgamma", l.dgamma, dgamma, 5e-7)
			kerneltest.Close(t, "dx", l.dx, dx, 5e-7)
		})
	}
}

// TestExact has every intermediate number be representable: pixels of -1 and 1
// in turn, and an epsilon that makes the deviation 2.
func TestExact(t *testing.T) {
	const m, c, epsilon = 2048, 17, 3
	l := newLayer(t, m, c, bn.Options{Epsilon: epsilon}, heap)
	for i := range l.x {
		l.x[i] = float32(1 - i/c%2*2)
	}
	kerneltest.FillInts(l.dy, 1, 100)
	kerneltest.FillInts(l.q.Gamma, 2, 100)
	kerneltest.FillInts(l.q.Beta, 3, 100)
	y, dx := make([]float32, m*c), make([]float32, m*c)
	mean, variance := make([]float32, c), make([]float32, c)
	dgamma, dbeta := make([]float32, c), make([]float32, c)
	ref.BatchNormTrain(m, c, y, mean, variance, l.x, l.q.Gamma, l.q.Beta, epsilon)
	ref.BatchNormBackward(m, c, dx, dgamma, dbeta, l.dy, l.x, l.q.Gamma, mean, variance, epsilon)
	l.train(t)
	l.backward(t)
	kerneltest.Equal(t, "y", l.y, y)
	kerneltest.Equal(t, "mean", l.s.Mean, mean)
	fill(variance, 0.5)
	kerneltest.Equal(t, "inverse deviation", l.s.InvStd, variance)
	kerneltest.Equal(t, "dgamma", l.dgamma, dgamma)
	kerneltest.Equal(t, "dbeta", l.dbeta, dbeta)
	kerneltest.Equal(t, "dx", l.dx, dx)
}

// TestVarianceError is the promise of the package: the sum of squares in
// float32 fails it from the second ratio on.
func TestVarianceError(t *testing.T) {
	const m, c = 100352, 2
	for _, ratio := range []float32{1, 100, 1000} {
		for _, outlier := range []float32{0, 1000} {
			l := newLayer(t, m, c, bn.Options{Momentum: bn.NoMomentum}, heap)
			for i := range l.x {
				l.x[i] += ratio / math.Sqrt2 // uniform numbers deviate by 1/sqrt(3)
			}
			l.x[0] += outlier
			mean, variance, y := make([]float64, c), make([]float64, c), make([]float64, m*c)
			ref.BatchNormTrain(m, c, y, mean, variance, widen(l.x), widen(l.q.Gamma), widen(l.q.Beta), bn.DefaultEpsilon)
			l.train(t)
			for k, want := range variance {
				if e := math.Abs(float64(l.q.MovingVariance[k])-want) / want; e > 1e-7 {
					t.Errorf("mean/std %v, outlier %v: relative error of variance %.2g, want at most 1e-7", ratio, outlier, e)
				}
			}
			kerneltest.Close(t, fmt.Sprintf("y at mean/std %v", ratio), l.y, y, 3e-7)
		}
	}
}

// TestGradientError is the same of Backward, which subtracts the mean from sums.
func TestGradientError(t *testing.T) {
	const m, c = 20000, 17
	for _, ratio := range []float32{1, 100, 1000} {
		l := newLayer(t, m, c, bn.Options{}, heap)
		for i := range l.x {
			l.x[i] += ratio / math.Sqrt2
		}
		l.train(t)
		l.backward(t)
		want := make([]float64, c)
		for i, dy := range l.dy {
			k := i % c
			want[k] += float64(dy) * (float64(l.x[i]) - float64(l.s.Mean[k])) * float64(l.s.InvStd[k])
		}
		kerneltest.Close(t, fmt.Sprintf("dgamma at mean/std %v", ratio), l.dgamma, want, 1e-7)
	}
}

func TestConstantChannel(t *testing.T) {
	l := newLayer(t, 1500, 3, bn.Options{Momentum: bn.NoMomentum}, heap)
	fill(l.x, 0.1)
	l.train(t)
	kerneltest.Equal(t, "variance", l.q.MovingVariance, make([]float32, 3))
	kerneltest.Equal(t, "mean", l.s.Mean, []float32{0.1, 0.1, 0.1})
	for i, v := range l.y {
		if v != l.q.Beta[i%3] {
			t.Fatalf("y[%d] = %v, want beta %v", i, v, l.q.Beta[i%3])
		}
	}
}

func TestMovingAverages(t *testing.T) {
	tests := []struct {
		momentum       float64
		mean, variance float32
	}{
		{0, 10*0.99 + 3*0.01, 20*0.99 + 4*0.01},
		{0.5, 6.5, 12},
		{bn.NoMomentum, 3, 4},
		{1, 10, 20},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.momentum), func(t *testing.T) {
			l := newLayer(t, 2, 1, bn.Options{Momentum: tt.momentum}, heap)
			copy(l.x, []float32{1, 5})
			l.q.MovingMean[0], l.q.MovingVariance[0] = 10, 20
			l.train(t)
			kerneltest.Equal(t, "moving mean", l.q.MovingMean, []float32{tt.mean})
			kerneltest.Equal(t, "moving variance", l.q.MovingVariance, []float32{tt.variance})
		})
	}
}

func TestEmptyBatch(t *testing.T) {
	l := newLayer(t, 0, 3, bn.Options{Epsilon: 0.25}, heap)
	wantMean := append([]float32(nil), l.q.MovingMean...)
	fill(l.dgamma, 5)
	fill(l.dbeta, 5)
	l.train(t)
	l.backward(t)
	must(t, l.Infer(l.ws, l.y, l.x, l.q))
	zero := make([]float32, 3)
	kerneltest.Equal(t, "moving mean", l.q.MovingMean, wantMean)
	kerneltest.Equal(t, "moving variance", l.q.MovingVariance, []float32{1, 1, 1})
	kerneltest.Equal(t, "saved mean", l.s.Mean, zero)
	kerneltest.Equal(t, "saved inverse deviation", l.s.InvStd, []float32{2, 2, 2})
	kerneltest.Equal(t, "dgamma", l.dgamma, zero)
	kerneltest.Equal(t, "dbeta", l.dbeta, zero)
}

// TestNotFinite checks that a NaN or an infinity spoils its channel, wherever
// in a chunk it is, and no other.
func TestNotFinite(t *testing.T) {
	const m, c = 1100, 3
	clean := newLayer(t, m, c, bn.Options{}, heap)
	clean.train(t)
	clean.backward(t)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, at := range []int{0, 5, 512, 700, m - 1} {
			l := newLayer(t, m, c, bn.Options{}, heap)
			l.x[at*c+1] = float32(bad)
			l.train(t)
			l.backward(t)
			for i := range l.y {
				if i%c == 1 {
					if l.y[i] == l.y[i] || l.dx[i] == l.dx[i] {
						t.Fatalf("%v at %d: y[%d], dx[%d] = %v, %v, want NaN", bad, at, i, i, l.y[i], l.dx[i])
					}
				} else if l.y[i] != clean.y[i] || l.dx[i] != clean.dx[i] {
					t.Fatalf("%v at %d: y[%d], dx[%d] = %v, %v, want %v, %v", bad, at, i, i, l.y[i], l.dx[i], clean.y[i], clean.dx[i])
				}
			}
			if v := l.q.MovingVariance[1]; v == v {
				t.Errorf("%v at %d: moving variance %v, want NaN", bad, at, v)
			}
		}
	}
}

func TestSameBitsAtAnyThreadCount(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(7))
	exec := parallel.New(7)
	defer exec.Close()
	for _, size := range []struct{ m, c int }{{20000, 3}, {2100, 300}, {100, 1000}} {
		var first *layer
		for _, threads := range []int{1, 2, 7} {
			o := bn.Options{Options: kernels.Options{Threads: threads, Pool: exec}}
			l := newLayer(t, size.m, size.c, o, heap)
			l.train(t)
			l.backward(t)
			if first == nil {
				first = l
				continue
			}
			for _, pair := range []struct {
				name      string
				got, want []float32
			}{
				{"y", l.y, first.y}, {"dx", l.dx, first.dx}, {"dgamma", l.dgamma, first.dgamma}, {"dbeta", l.dbeta, first.dbeta},
				{"saved mean", l.s.Mean, first.s.Mean}, {"saved inverse deviation", l.s.InvStd, first.s.InvStd},
				{"moving mean", l.q.MovingMean, first.q.MovingMean}, {"moving variance", l.q.MovingVariance, first.q.MovingVariance},
			} {
				kerneltest.Equal(t, fmt.Sprintf("%s at %d threads", pair.name, threads), pair.got, pair.want)
			}
		}
	}
}
