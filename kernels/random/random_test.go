package random_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/kernels/random"
)

const samples = 1 << 17

var key = random.Key{Seed: 2024, Stream: 3, Step: 7}

// moments returns the mean and the second, third and fourth central moments.
func moments(f func(i uint64) float64) (mean, m2, m3, m4 float64) {
	for i := range uint64(samples) {
		mean += f(i) / samples
	}
	for i := range uint64(samples) {
		d := f(i) - mean
		m2 += d * d / samples
		m3 += d * d * d / samples
		m4 += d * d * d * d / samples
	}
	return mean, m2, m3, m4
}

// near fails unless got is within five standard errors of want.
func near(t *testing.T, what string, got, want, variance float64) {
	t.Helper()
	if bound := 5 * math.Sqrt(variance/samples); !(math.Abs(got-want) <= bound) {
		t.Errorf("%s = %.5f, want %.5f within %.5f", what, got, want, bound)
	}
}

func TestUniformMoments(t *testing.T) {
	mean, m2, m3, m4 := moments(func(i uint64) float64 { return float64(key.Float32(i)) })
	near(t, "mean", mean, 1.0/2, 1.0/12)
	near(t, "variance", m2, 1.0/12, 1.0/80-1.0/144)
	near(t, "third moment", m3, 0, 1.0/448)
	near(t, "fourth moment", m4, 1.0/80, 1.0/2304-1.0/6400)
}

func TestNormalMoments(t *testing.T) {
	mean, m2, m3, m4 := moments(func(i uint64) float64 { return float64(key.Normal(i)) })
	near(t, "mean", mean, 0, 1)
	near(t, "variance", m2, 1, 2)
	near(t, "third moment", m3, 0, 15)
	near(t, "fourth moment", m4, 3, 105-9)

	// The share within one, two and three standard deviations.
	for k, want := range []float64{0.682689, 0.954500, 0.997300} {
		inside := 0.0
		for i := range uint64(samples) {
			if math.Abs(float64(key.Normal(i))) < float64(k+1) {
				inside++
			}
		}
		near(t, "share inside", inside/samples, want, want*(1-want))
	}
}

// TestUncorrelated checks neighbours, which share a block or a Box-Muller
// pair, and the same element of neighbouring keys.
func TestUncorrelated(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b func(i uint64) float32
	}{
		{"normal, next element", key.Normal, func(i uint64) float32 { return key.Normal(i + 1) }},
		{"normal, second next", key.Normal, func(i uint64) float32 { return key.Normal(i + 2) }},
		{"normal, next seed", key.Normal, random.Key{Seed: 2025, Stream: 3, Step: 7}.Normal},
		{"normal, next stream", key.Normal, random.Key{Seed: 2024, Stream: 4, Step: 7}.Normal},
		{"normal, next step", key.Normal, random.Key{Seed: 2024, Stream: 3, Step: 8}.Normal},
	} {
		sum := 0.0
		for i := range uint64(samples) {
			sum += float64(c.a(i)) * float64(c.b(i))
		}
		near(t, c.name+": correlation", sum/samples, 0, 1)
	}
}

func TestFloat32Range(t *testing.T) {
	// Every value is a multiple of 1/(1<<24), and the bins fill evenly.
	var bins [16]int
	for i := range uint64(samples) {
		v := key.Float32(i)
		if v < 0 || v >= 1 || v*(1<<24) != float32(int(v*(1<<24))) {
			t.Fatalf("Float32(%d) = %v", i, v)
		}
		bins[int(v*16)]++
	}
	for b, n := range bins {
		near(t, "share of bin", float64(n)/samples, 1.0/16, 15.0/256)
		if n == 0 {
			t.Errorf("bin %d is empty", b)
		}
	}
}

func TestFillsEqualElements(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 1001} {
		uniform, normal := make([]float32, n), make([]float32, n)
		key.FillUniform(uniform, 0, 1)
		key.FillNormal(normal, 0, 1)
		for i := range uint64(n) {
			if uniform[i] != key.Float32(i) {
				t.Errorf("n=%d: FillUniform [%d] = %v, Float32 %v", n, i, uniform[i], key.Float32(i))
			}
			if normal[i] != key.Normal(i) {
				t.Errorf("n=%d: FillNormal [%d] = %v, Normal %v", n, i, normal[i], key.Normal(i))
			}
		}

		key.FillUniform(uniform, -0.1, 0.3)
		key.FillNormal(normal, 2, 0.3)
		for i := range uint64(n) {
			lo, hi, mean, std := float32(-0.1), float32(0.3), float32(2), float32(0.3)
			if want := lo + float32((hi-lo)*key.Float32(i)); uniform[i] != want {
				t.Errorf("n=%d: FillUniform [%d] = %v, want %v", n, i, uniform[i], want)
			}
			if want := mean + float32(std*key.Normal(i)); normal[i] != want {
				t.Errorf("n=%d: FillNormal [%d] = %v, want %v", n, i, normal[i], want)
			}
		}
	}
}

// TestFillUniformBelowHi uses a range so narrow that rounding would reach its
// upper end.
func TestFillUniformBelowHi(t *testing.T) {
	lo := float32(1)
	hi := math.Nextafter32(lo, 2)
	s := make([]float32, 100)
	key.FillUniform(s, lo, hi)
	for i, v := range s {
		if v != lo {
			t.Fatalf("[%d] = %v, want %v, the only number in the range", i, v, lo)
		}
	}
	key.FillUniform(s, 3, 3)
	if s[0] != 3 || s[99] != 3 {
		t.Errorf("an empty range gave %v and %v, want 3", s[0], s[99])
	}
}

func TestPermIsPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 10, 1000} {
		p := make([]int, n)
		key.Perm(p)
		if n == 1000 && slices.IsSorted(p) {
			t.Error("1000 elements stayed in order")
		}
		slices.Sort(p)
		for i, v := range p {
			if v != i {
				t.Fatalf("n=%d: not a permutation", n)
			}
		}
	}
}

// TestPermIsUniform counts all orders of four elements over many steps.
func TestPermIsUniform(t *testing.T) {
	const rounds = 24000
	count := map[[4]int]int{}
	for step := range uint64(rounds) {
		var p [4]int
		random.Key{Seed: 1, Step: step}.Perm(p[:])
		count[p]++
	}
	if len(count) != 24 {
		t.Fatalf("%d orders, want 24", len(count))
	}
	// Chi-squared with 23 degrees of freedom: 49.7 is passed once in a thousand.
	chi2 := 0.0
	for _, n := range count {
		d := float64(n) - rounds/24
		chi2 += d * d / (rounds / 24)
	}
	if chi2 > 49.7 {
		t.Errorf("chi-squared %.1f, want at most 49.7", chi2)
	}
}

func TestConcurrentUse(t *testing.T) {
	want := make([]float32, 1000)
	key.FillNormal(want, 0, 1)
	got := make([]float32, len(want))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := g; i < len(got); i += 4 {
				got[i] = key.Normal(uint64(i))
			}
		}()
	}
	wg.Wait()
	if !slices.Equal(got, want) {
		t.Error("elements depend on who computes them")
	}
}

func TestAllocates(t *testing.T) {
	dst, perm := make([]float32, 100), make([]int, 100)
	if n := testing.AllocsPerRun(10, func() {
		key.FillUniform(dst, 0, 1)
		key.FillNormal(dst, 0, 1)
		key.Perm(perm)
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
