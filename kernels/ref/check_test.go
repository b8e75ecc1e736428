package ref_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

// normal returns n numbers with the standard normal distribution.
func normal(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// integers returns n integers in [-4, 4].
func integers(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 2))
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(r.IntN(9) - 4)
	}
	return x
}

// stale returns n numbers that a function must overwrite.
func stale(n int) []float64 {
	return slices.Repeat([]float64{math.NaN()}, n)
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// checkGradient compares dx with the central finite differences of loss, which
// reads x.
func checkGradient(t *testing.T, name string, loss func() float64, x, dx []float64) {
	t.Helper()
	const step = 1e-5
	if len(dx) != len(x) {
		t.Fatalf("%s: %d elements, want %d", name, len(dx), len(x))
	}
	for i, v := range x {
		x[i] = v + step
		above := loss()
		x[i] = v - step
		below := loss()
		x[i] = v
		want := (above - below) / (2 * step)
		if !(math.Abs(dx[i]-want) <= 1e-6*(1+math.Abs(want))) {
			t.Fatalf("%s[%d] = %v, finite difference %v", name, i, dx[i], want)
		}
	}
}

// checkClose compares with numbers that are exact but for rounding.
func checkClose[T ref.Float](t *testing.T, name string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: length %d, want %d", name, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(float64(got[i]-want[i])) <= 1e-12*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s = %v, want %v", name, got, want)
		}
	}
}

// checkEqual compares exactly; NaN equals NaN.
func checkEqual[T ref.Float](t *testing.T, name string, got, want []T) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a, b T) bool { return a == b || a != a && b != b }) {
		t.Errorf("%s = %v, want %v", name, got, want)
	}
}

// checkPanics fails unless f panics with the message.
func checkPanics(t *testing.T, message string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); got != message {
			t.Errorf("panic %q, want %q", got, message)
		}
	}()
	f()
}
