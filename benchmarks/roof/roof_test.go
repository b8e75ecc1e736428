package roof

import (
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

func checkRates(t *testing.T, rates []float64, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(rates) != bursts {
		t.Errorf("%d rates, want %d", len(rates), bursts)
	}
	for _, r := range rates {
		if !(r > 0) || math.IsInf(r, 0) {
			t.Errorf("rate %v in %v", r, rates)
		}
	}
}

func TestFMA(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, threads := range []int{1, 3} {
			rates, err := FMA(tier, threads)
			checkRates(t, rates, err)
		}
	})
	rates, err := FMA(kernels.TierAuto, 1)
	checkRates(t, rates, err)
}

func TestStream(t *testing.T) {
	for _, traffic := range []Traffic{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1000, 1000, 0}, {3000, 1000, 500}, {1000, 3000, 9000}, {1 << 20, 1 << 20, 1 << 20}} {
		for _, threads := range []int{1, 3} {
			rates, err := Stream(traffic, threads)
			checkRates(t, rates, err)
		}
	}
}

// TestShares checks what one thread's loop reads, writes and reports.
func TestShares(t *testing.T) {
	for _, c := range []struct{ read, write, update int }{{5, 5, 0}, {21, 5, 7}, {5, 21, 1}, {0, 9, 0}, {9, 0, 11}, {5000, 3000, 4000}} {
		s := newStream(c.read, c.write, c.update)
		for i := range s.dst {
			s.dst[i] = math.MaxUint64
		}
		if got, want := s.run(), float64(s.passes)*8*float64(c.read+c.write+2*c.update); got != want {
			t.Errorf("%v: %v bytes, want %v", c, got, want)
		}
		n := min(c.read, c.write)
		for i, v := range s.dst {
			want := uint64(0)
			if i < n {
				want = s.src[i]
			}
			if v != want {
				t.Errorf("%v: dst[%d] = %d, want %d", c, i, v, want)
			}
		}
		for i, v := range s.own {
			if v != uint64(s.passes) {
				t.Errorf("%v: own[%d] = %d, want %d", c, i, v, s.passes)
			}
		}
		want := uint64(0)
		for _, v := range s.src[n:] {
			want += v
		}
		if s.sum != uint64(s.passes)*want {
			t.Errorf("%v: sum %d after %d passes, want %d each", c, s.sum, s.passes, want)
		}
	}
	for _, c := range []struct{ bytes, threads, want int }{{0, 1, 0}, {1, 1, 1}, {8, 1, 1}, {9, 1, 2}, {16, 2, 1}, {17, 2, 2}} {
		if got := words(c.bytes, c.threads); got != c.want {
			t.Errorf("words(%d, %d) = %d, want %d", c.bytes, c.threads, got, c.want)
		}
	}
}

// TestTogether checks that each thread works and that their rates are added:
// the sum is at least the rate of work over the time of the whole.
func TestTogether(t *testing.T) {
	const threads = 4
	var calls [threads]atomic.Int64
	start := time.Now()
	got := together(threads, func(thread int) float64 {
		calls[thread].Add(1)
		return 1
	})
	total := int64(0)
	for i := range calls {
		n := calls[i].Load()
		if n < 1 || n > maxCalls {
			t.Errorf("thread %d: %d calls", i, n)
		}
		total += n
	}
	if least := float64(total) / time.Since(start).Seconds(); got < least {
		t.Errorf("rate %g, want at least %g", got, least)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		rates []float64
		want  float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 8, 1, 2}, 3}} {
		if got := Median(c.rates); got != c.want {
			t.Errorf("Median(%v) = %v, want %v", c.rates, got, c.want)
		}
	}
	rates := []float64{3, 1, 2}
	if Median(rates); rates[0] != 3 {
		t.Error("Median sorted its argument")
	}
}

func TestErrors(t *testing.T) {
	fma := func(tier kernels.Tier, threads int) error { _, err := FMA(tier, threads); return err }
	stream := func(read, write, threads int) error {
		_, err := Stream(Traffic{Read: read, Write: write}, threads)
		return err
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{fma(kernels.TierGeneric, 0), "roof: 0 threads, want 1 to"},
		{fma(kernels.TierGeneric, maxThreads+1), "roof: 4097 threads"},
		{fma(17, 1), "roof: unknown tier"},
		{stream(8, 8, -1), "roof: -1 threads"},
		{stream(0, 0, 1), "roof: traffic of 0 bytes read, 0 written and 0 updated, want 0 to"},
		{stream(-1, 8, 1), "roof: traffic of -1 bytes"},
		{stream(8, maxBytes+1, 1), "roof: traffic of 8 bytes read, 1073741825 written"},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
			t.Errorf("error %v, want %q", c.err, c.want)
		}
	}
}

func Example() {
	before, err := FMA(kernels.TierGeneric, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	// The sample would run here.
	after, err := FMA(kernels.TierGeneric, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	peak := Median(append(before, after...))
	fmt.Println("at least 10 MFLOP/s:", peak > 1e7)
	// Output: at least 10 MFLOP/s: true
}
