package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestGemmBatch compares batches with as many products, at any number of
// threads, packed one behind the other, side by side and sharing an operand.
func TestGemmBatch(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		engines := threadedEngines(t, tier)
		for _, size := range [][4]int{{1, 3, 5, 7}, {3, 33, 40, 70}, {20, 33, 40, 70}, {2, 100, 130, 210}, {5, 1, 64, 9}, {4, 3, 3, 0}} {
			batch, m, n, k := size[0], size[1], size[2], size[3]
			a, b := uniform(batch*m*k, 1), uniform(batch*k*n, 2)
			for _, c := range []struct {
				kernels.Batch
				ldc int
			}{
				{kernels.Batch{N: batch, A: m * k, B: k * n, C: m * n}, n},
				{kernels.Batch{N: batch, A: m * k, B: 0, C: n}, batch * n},
				{kernels.Batch{N: batch, A: 0, B: k * n, C: m*(n+1) + 3}, n + 1},
			} {
				before := uniform((batch-1)*c.C+(m-1)*c.ldc+n, 3)
				want := clone(before)
				for i := range batch {
					engines[0].Gemm(false, false, m, n, k, 2, a[i*c.A:], max(1, k), b[i*c.B:], n, 0.5, want[i*c.C:], c.ldc)
				}
				for _, e := range engines {
					got := clone(before)
					run := func() {
						e.GemmBatch(c.Batch, false, false, m, n, k, 2, a, max(1, k), b, n, 0.5, got, c.ldc)
					}
					run()
					kerneltest.Equal(t, fmt.Sprintf("%v %+v, %d threads", size, c.Batch, e.Options().Threads), got, want)
					if n := kerneltest.Allocs(run); n > 0 {
						t.Errorf("%v: %d allocations", size, n)
					}
				}
			}
		}
	})
}

func TestGemmBatchPanics(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	buf := make([]float32, 300)
	a, b, c := buf[:100], buf[100:200], buf[200:]
	call := func(batch kernels.Batch, a, b, c []float32, ldc int) func() {
		return func() { e.GemmBatch(batch, false, false, 3, 4, 5, 1, a, 5, b, 4, 0, c, ldc) }
	}
	good := kernels.Batch{N: 3, A: 15, B: 20, C: 12}
	call(good, a, b, c, 4)()
	call(kernels.Batch{N: 0}, nil, nil, nil, 4)()
	for _, x := range []struct {
		want    string
		batch   kernels.Batch
		a, b, c []float32
		ldc     int
	}{
		{"kernels: bad strides of a batch", kernels.Batch{N: -1}, a, b, c, 4},
		{"kernels: bad strides of a batch", kernels.Batch{N: 3, A: -1, C: 12}, a, b, c, 4},
		{"kernels: bad strides of a batch", kernels.Batch{N: 3, A: 15, B: 20, C: 11}, a, b, c, 4},
		{"kernels: bad strides of a batch", kernels.Batch{N: 3, A: 15, B: 20, C: 4}, a, b, c, 11},
		{"kernels: insufficient length of a", good, a[:44], b, c, 4},
		{"kernels: insufficient length of a", kernels.Batch{N: 3, A: math.MaxInt / 2, B: 20, C: 12}, a, b, c, 4},
		{"kernels: insufficient length of b", good, a, b[:59], c, 4},
		{"kernels: insufficient length of c", good, a, b, c[:35], 4},
		{"kernels: c overlaps an operand", good, a, b, buf[44:], 4},
	} {
		wantPanic(t, x.want, call(x.batch, x.a, x.b, x.c, x.ldc))
	}
}
