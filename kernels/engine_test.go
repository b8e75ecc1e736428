package kernels_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// ulp is the distance from 1 to the next float32 above, halved: the largest
// relative error of one rounding.
const ulp = 1.0 / (1 << 24)

func newEngine(t testing.TB, tier kernels.Tier, threads int) *kernels.Engine {
	t.Helper()
	e, err := kernels.New(kernels.Options{Tier: tier, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// threadedEngines returns engines with 1, 2 and 7 threads that are really
// there, whatever the machine has.
func threadedEngines(t *testing.T, tier kernels.Tier) []*kernels.Engine {
	t.Helper()
	before := runtime.GOMAXPROCS(7)
	pool := parallel.New(7)
	t.Cleanup(func() {
		pool.Close()
		runtime.GOMAXPROCS(before)
	})
	var engines []*kernels.Engine
	for _, threads := range []int{1, 2, 7} {
		e, err := kernels.New(kernels.Options{Tier: tier, Threads: threads, Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		engines = append(engines, e)
	}
	return engines
}

// wantPanic fails the test unless f panics with the constant string want.
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}

// uniform returns n numbers in [-1, 1).
func uniform(n int, seed uint64) []float32 {
	s := make([]float32, n)
	kerneltest.FillUniform(s, seed)
	return s
}

// ints returns n integers in [-max, max].
func ints(n int, seed uint64, max int) []float32 {
	s := make([]float32, n)
	kerneltest.FillInts(s, seed, max)
	return s
}

func clone(s []float32) []float32 { return append([]float32(nil), s...) }

func widen(s []float32) []float64 {
	d := make([]float64, len(s))
	for i, v := range s {
		d[i] = float64(v)
	}
	return d
}

// near fails the test unless every element is within bound of want, relative
// to want. Denormal results may be off by one of the smallest steps more.
func near(t *testing.T, name string, got []float32, want []float64, bound float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: length %d, want %d", name, len(got), len(want))
		return
	}
	for i, w := range want {
		g := float64(got[i])
		if g == w || g != g && w != w || got[i] == float32(w) {
			continue
		}
		if !(math.Abs(g-w) <= bound*math.Abs(w)+math.SmallestNonzeroFloat32) {
			t.Errorf("%s: [%d] = %v, want %v: off by %.3g roundings, at most %.3g allowed",
				name, i, g, w, math.Abs(g-w)/math.Abs(w)/ulp, bound/ulp)
			return
		}
	}
}

// edges are the values that arithmetic treats specially.
var edges = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.5, -2.5,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), -float32(math.NaN()),
	math.Float32frombits(0x7f800001), math.Float32frombits(0xff800001), // signaling NaNs
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, -0x1p-126, 0x1.fffffcp-127,
	math.MaxFloat32, -math.MaxFloat32, 88, -88, 104, -104, 17, -17,
}
