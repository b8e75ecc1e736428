package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

var lrnSettings = []kernels.LRN{
	{Radius: 2, Bias: 2, Alpha: 1e-4, Beta: 0.75}, // AlexNet's
	{Radius: 5, Bias: 1, Alpha: 1, Beta: 0.5},     // TensorFlow's defaults
	{Radius: 1, Bias: 0.5, Alpha: 2, Beta: 1},
	{Radius: 3, Bias: 1, Alpha: 0.3, Beta: 1.7},
	{Radius: 0, Bias: 1, Alpha: 1, Beta: 0.75},
	{Radius: math.MaxInt, Bias: 1, Alpha: 0.01, Beta: 0.75},
	{Radius: 2, Bias: 1, Alpha: 0, Beta: 0},
}

func refLRN(p kernels.LRN) ref.LRN {
	return ref.LRN{Radius: min(p.Radius, 1<<20), Bias: float64(p.Bias), Alpha: float64(p.Alpha), Beta: float64(p.Beta)}
}

func TestLocalResponse(t *testing.T) {
	kerneltest.EachTier(t, testLocalResponse)
}

func testLocalResponse(t *testing.T, tier kernels.Tier) {
	e := newEngine(t, tier, 1)
	for _, p := range lrnSettings {
		for _, cols := range []int{1, 2, 4, 5, 16, 96, 257} {
			n := (1 + 2000/cols) * cols
			x, dy := uniform(n, uint64(cols)), uniform(n, uint64(cols)+1)
			name := fmt.Sprintf("%+v cols=%d", p, cols)
			y, check := kerneltest.Canary(t, n)
			exact := make([]float64, n)
			ref.LocalResponse(refLRN(p), exact, widen(x), cols)
			e.LocalResponse(y, x, cols, p)
			check()
			near(t, name, y, exact, (float64(p.Beta)*float64(2*min(p.Radius, cols)+4)+4)*ulp)

			dx, check := kerneltest.Canary(t, n)
			ref.LocalResponseBackward(refLRN(p), exact, widen(dy), widen(x), cols)
			e.LocalResponseBackward(dx, dy, x, cols, p)
			check()
			kerneltest.Close(t, name+": backward", dx, exact, 2e-6)

			one := newEngine(t, kernels.TierGeneric, 1)
			z := make([]float32, n)
			one.LocalResponse(z, x, cols, p)
			kerneltest.Equal(t, name+": plain Go", y, z)
			one.LocalResponseBackward(z, dy, x, cols, p)
			kerneltest.Equal(t, name+": backward in plain Go", dx, z)

			e.LocalResponseBackward(dy, dy, x, cols, p)
			kerneltest.Equal(t, name+": backward in place", dy, dx)
			e.LocalResponse(x, x, cols, p)
			kerneltest.Equal(t, name+": in place", x, y)
		}
	}
	e.LocalResponse(nil, nil, 3, lrnSettings[0])
	e.LocalResponseBackward(nil, nil, nil, 3, lrnSettings[0])
}

// TestLocalResponseThreads shares rows out: one thread's bits, on threads that are
// really there.
func TestLocalResponseThreads(t *testing.T) {
	const rows, cols = 700, 97
	x, dy := uniform(rows*cols, 1), uniform(rows*cols, 2)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, p := range []kernels.LRN{lrnSettings[0], {Radius: 1, Bias: 2, Alpha: 1, Beta: 1}} {
			var y, dx [2][]float32
			engines := threadedEngines(t, tier)
			for i, e := range []*kernels.Engine{engines[0], engines[2]} {
				y[i], dx[i] = make([]float32, rows*cols), make([]float32, rows*cols)
				e.LocalResponse(y[i], x, cols, p)
				e.LocalResponseBackward(dx[i], dy, x, cols, p)
			}
			kerneltest.Equal(t, fmt.Sprintf("%+v", p), y[1], y[0])
			kerneltest.Equal(t, fmt.Sprintf("%+v: backward", p), dx[1], dx[0])
		}
	})
}

// Ones whose squares make a denominator of 16 give exact numbers.
func TestLocalResponseExact(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		x, y := []float32{1, -1, 1, 1, -1, 1, 1}, make([]float32, 7)
		for beta, want := range map[float32]float32{0.5: 0.25, 0.75: 0.125, 1: 0.0625, 0.25: 0.5} {
			e.LocalResponse(y, x, 7, kernels.LRN{Radius: 2, Bias: 11, Alpha: 1, Beta: beta})
			for c := 2; c < 5; c++ { // where the window is whole
				if y[c] != want*x[c] {
					t.Errorf("beta %v: y[%d] = %v, want %v", beta, c, y[c], want*x[c])
				}
			}
		}
	})
}

// What is not a number stays among its neighbours.
func TestLocalResponseNaN(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		const cols = 9
		x := uniform(3*cols, 1)
		x[cols+4] = float32(math.NaN())
		y := make([]float32, len(x))
		e.LocalResponse(y, x, cols, kernels.LRN{Radius: 2, Bias: 1, Alpha: 1, Beta: 0.75})
		for i, v := range y {
			if want := i >= cols+2 && i <= cols+6; (v != v) != want {
				t.Errorf("y[%d] = %v", i, v)
			}
		}
	})
}

func TestLocalResponsePanics(t *testing.T) {
	e := newEngine(t, kernels.TierGeneric, 1)
	x, y := make([]float32, 12), make([]float32, 12)
	good := kernels.LRN{Radius: 2, Bias: 1, Alpha: 1, Beta: 0.75}
	inf := float32(math.Inf(1))
	for name, f := range map[string]func(){
		"radius":   func() { e.LocalResponse(y, x, 3, kernels.LRN{Radius: -1, Bias: 1}) },
		"bias":     func() { e.LocalResponse(y, x, 3, kernels.LRN{}) },
		"alpha":    func() { e.LocalResponse(y, x, 3, kernels.LRN{Bias: 1, Alpha: -1}) },
		"beta":     func() { e.LocalResponseBackward(y, y, x, 3, kernels.LRN{Bias: 1, Beta: inf}) },
		"cols":     func() { e.LocalResponse(y, x, 0, good) },
		"rows":     func() { e.LocalResponse(y, x, 5, good) },
		"length":   func() { e.LocalResponse(y[1:], x, 3, good) },
		"overlap":  func() { e.LocalResponse(x[:9], x[3:], 3, good) },
		"dy":       func() { e.LocalResponseBackward(y, y[1:], x, 3, good) },
		"dx is x":  func() { e.LocalResponseBackward(x, x, x, 3, good) },
		"dx in dy": func() { e.LocalResponseBackward(y[:9], y[3:], x[:9], 3, good) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestLocalResponseAllocates(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 2)
	x := uniform(64*96, 1)
	y := make([]float32, len(x))
	p := lrnSettings[0]
	if n := testing.AllocsPerRun(20, func() {
		e.LocalResponse(y, x, 96, p)
		e.LocalResponseBackward(y, y, x, 96, p)
	}); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLocalResponse(b *testing.B) {
	const rows, cols = 784, 192 // of AlexNet's second layer
	x, y, dy := make([]float32, rows*cols), make([]float32, rows*cols), make([]float32, rows*cols)
	kerneltest.FillUniform(x, 1)
	kerneltest.FillUniform(dy, 2)
	for _, tier := range []kernels.Tier{kernels.TierGeneric, kernels.TierAuto} {
		e, err := kernels.New(kernels.Options{Tier: tier, Threads: 1})
		if err != nil {
			b.Fatal(err)
		}
		tier = e.Options().Tier
		b.Run(fmt.Sprintf("isa=%v/pass=fwd", tier), func(b *testing.B) {
			b.SetBytes(8 * rows * cols)
			for b.Loop() {
				e.LocalResponse(y, x, cols, lrnSettings[0])
			}
		})
		b.Run(fmt.Sprintf("isa=%v/pass=bwd", tier), func(b *testing.B) {
			b.SetBytes(12 * rows * cols)
			for b.Loop() {
				e.LocalResponseBackward(y, dy, x, cols, lrnSettings[0])
			}
		})
	}
}
