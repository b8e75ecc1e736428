package pool_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
	"github.com/simdconv/simdconv/pool"
)

// TestSharedRows compares windows of 3x3 two apart with plain Go, bit by bit, for
// channels that kernels for rows take, every padding, and a NaN in one pixel at a
// time, whose rows are left to other kernels.
func TestSharedRows(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for i, c := range []int{32, 64, 96, 4096 + 32} {
			for variant := range 8 {
				h, w := 7+variant%2, 8-variant/2%2
				s := pool.Shape{N: 2, C: c, CountPadding: variant%3 == 0, Window: geometry.Window{H: h, W: w, R: 3, S: 3, StrideH: 2, StrideW: 2}}
				if c > 4096 && variant > 0 {
					continue
				}
				switch variant / 4 {
				case 0:
					s.Window = s.Same()
				case 1:
					s.Top, s.Bottom, s.Left, s.Right = 1+variant%2, 1, 1, 2-variant%2
				}
				if testing.Short() && c > 64 {
					continue
				}
				for _, op := range ops {
					for _, pixel := range []int{-1, 0, variant, w + 1, 2*w + 2, 3*w + 4, h*w - 1} {
						compareRows(t, op, s, tier, pixel, (i+variant)%2 == 0)
					}
				}
			}
		}
	})
}

// TestSharedRowsThreads divides rows into tasks, each of which begins windows anew, on
// threads that are really there.
func TestSharedRowsThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	workers := parallel.New(3)
	defer workers.Close()
	s := pool.Shape{N: 3, C: 384, Window: geometry.Window{H: 16, W: 15, R: 3, S: 3, StrideH: 2, StrideW: 2}}
	s.Window = s.Same()
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, op := range ops {
			var y, want []float32
			var arg, wantArg []uint8
			for threads := range 4 {
				o := kernels.Options{Tier: tier, Threads: threads, Pool: workers}
				if threads == 0 {
					o = kernels.Options{Tier: kernels.TierGeneric, Threads: 1}
				}
				p := newPlan(t, op, s, o)
				x := make([]float32, p.XLen())
				kerneltest.FillInts(x, 3, 9)
				x[5*s.W*s.C+3] = float32(math.NaN())
				y = make([]float32, p.YLen())
				if op == pool.Max {
					arg = make([]uint8, p.YLen())
				}
				must(t, p.Forward(p.NewWorkspace(), y, arg, x))
				if threads == 0 {
					want, wantArg, arg = y, arg, nil
					continue
				}
				kerneltest.Equal(t, fmt.Sprintf("%v threads=%d", op, threads), y, want)
				if string(arg) != string(wantArg) {
					t.Errorf("%v threads=%d: argmax differs", op, threads)
				}
			}
		}
	})
}

// compareRows compares one shape, with NaN in all channels
// of a pixel of the first image, or none.
func compareRows(t *testing.T, op pool.Op, s pool.Shape, tier micro.Tier, pixel int, atEnd bool) {
	generic := newPlan(t, op, s, kernels.Options{Tier: kernels.TierGeneric})
	x, y := kerneltest.Guarded(t, generic.XLen(), atEnd), kerneltest.Guarded(t, generic.YLen(), atEnd)
	want := make([]float32, generic.YLen())
	kerneltest.FillInts(x, 3, 2) // many equal maxima
	for i := range x {
		if x[i] == 0 && i%2 == 0 {
			x[i] = float32(math.Copysign(0, -1))
		}
	}
	if pixel >= 0 {
		for c := pixel % 3; c < s.C; c += 3 {
			x[pixel*s.C+c] = float32(math.NaN())
		}
	}
	var arg, wantArg []uint8
	if op == pool.Max {
		arg, wantArg = kerneltest.GuardedBytes(t, generic.YLen(), atEnd), make([]uint8, generic.YLen())
	}
	must(t, generic.Forward(generic.NewWorkspace(), want, wantArg, x))
	p := newPlan(t, op, s, kernels.Options{Tier: tier, Threads: 1})
	ws := p.NewWorkspace()
	label := fmt.Sprintf("%v %s NaN in %d", op, name(s), pixel)
	must(t, p.Forward(ws, y, nil, x))
	kerneltest.Equal(t, label+" without argmax", y, want)
	clear(y)
	must(t, p.Forward(ws, y, arg, x))
	kerneltest.Equal(t, label, y, want)
	if string(arg) != string(wantArg) {
		t.Errorf("%s: argmax differs", label)
	}
}
