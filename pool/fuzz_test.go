package pool_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
	"github.com/simdconv/simdconv/pool"
)

// FuzzGeometry compares both operations with ref, on integers, for every shape
// that Check accepts.
func FuzzGeometry(f *testing.F) {
	f.Add([]byte{1, 1, 3, 3, 2, 2, 3, 3, 1, 1, 1, 1, 1, 1}, false)
	f.Add([]byte{2, 17, 7, 8, 3, 3, 2, 2, 1, 1, 0, 1, 0, 1}, true)
	f.Add([]byte{1, 3, 12, 11, 3, 3, 4, 3, 2, 2, 2, 2, 2, 2}, false)
	f.Add([]byte{1, 2, 9, 10, 2, 3, 2, 3, 4, 3, 3, 1, 0, 5}, true)
	f.Add([]byte{0, 1, 4, 4, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0}, false)
	f.Add([]byte{1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 2, 0, 0}, false)
	f.Add([]byte{1, 5, 20, 17, 16, 16, 1, 1, 1, 1, 0, 0, 0, 0}, false)
	f.Fuzz(func(t *testing.T, b []byte, countPadding bool) {
		if len(b) < 14 {
			t.Skip("too few bytes for a shape")
		}
		dim := func(i, limit int) int { return int(b[i]) % limit }
		s := pool.Shape{
			N: dim(0, 4), C: dim(1, 20),
			Window: geometry.Window{
				H: dim(2, 24), W: dim(3, 24), R: dim(4, 17), S: dim(5, 17),
				StrideH: dim(6, 6), StrideW: dim(7, 6), DilationH: dim(8, 6), DilationW: dim(9, 6),
				Padding: geometry.Padding{Top: dim(10, 8), Bottom: dim(11, 8), Left: dim(12, 8), Right: dim(13, 8)},
			},
			CountPadding: countPadding,
		}
		p, err := pool.NewPlan(pool.Average, s, kernels.Options{Threads: 2})
		if err != nil {
			t.Skip(err)
		}
		x, dy := make([]float32, p.XLen()), make([]float32, p.YLen())
		kerneltest.FillInts(x, 1, 9)
		kerneltest.FillInts(dy, 2, 9)
		checkMax(t, s, kernels.Options{Threads: 2}, x, dy)

		ws, r := p.NewWorkspace(), reference(p.Shape())
		y, wantY := make([]float32, p.YLen()), make([]float32, p.YLen())
		dx, wantDx := make([]float32, p.XLen()), make([]float32, p.XLen())
		ref.AvgPoolForward(r, wantY, x)
		ref.AvgPoolBackward(r, wantDx, dy)
		must(t, p.Forward(ws, y, nil, x))
		must(t, p.Backward(ws, dx, dy, nil))
		kerneltest.Equal(t, "average y", y, wantY)
		kerneltest.Equal(t, "average dx", dx, wantDx)
	})
}
