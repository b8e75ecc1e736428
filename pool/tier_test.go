package pool_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/pool"
)

// widths are numbers of channels around those of vectors and blocks of them.
var widths = []int{1, 5, 7, 8, 9, 15, 16, 17, 23, 24, 31, 33, 63, 64, 65, 79, 130}

// tierShapes are shapes with all widths, and all shapes with two.
func tierShapes() (all []pool.Shape) {
	for _, c := range widths {
		all = append(all,
			pool.Shape{N: 1, C: c, Window: geometry.Window{H: 6, W: 7, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()},
			pool.Shape{N: 2, C: c, Window: geometry.Window{H: 4, W: 4, R: 2, S: 2, StrideH: 2, StrideW: 2}})
	}
	for _, s := range shapes {
		s.C = 9
		all = append(all, s)
		s.C = 20
		all = append(all, s)
	}
	return all
}

// TestTiersBits compares every tier with plain Go, bit by bit, in memory that
// ends or starts with the operands, among them equal maxima and special values.
func TestTiersBits(t *testing.T) {
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e-45, math.MaxFloat32}
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for i, s := range tierShapes() {
			s.CountPadding = i%3 == 0
			for k, op := range append(ops, ops...) {
				atEnd := k < len(ops)
				generic := newPlan(t, op, s, kernels.Options{Tier: kernels.TierGeneric})
				p := newPlan(t, op, s, kernels.Options{Tier: tier})
				x, y := kerneltest.Guarded(t, p.XLen(), atEnd), kerneltest.Guarded(t, p.YLen(), atEnd)
				dx, dy := kerneltest.Guarded(t, p.XLen(), atEnd), kerneltest.Guarded(t, p.YLen(), atEnd)
				wantY, wantDx := make([]float32, p.YLen()), make([]float32, p.XLen())
				var arg, wantArg []uint8
				if op == pool.Max {
					arg, wantArg = kerneltest.GuardedBytes(t, p.YLen(), atEnd), make([]uint8, p.YLen())
				}
				kerneltest.FillInts(x, 1, 2)
				kerneltest.FillUniform(dy, 2)
				for k, v := range special {
					if len(x) > 0 {
						x[(k*37+i)%len(x)] = float32(v)
						dy[(k*11+i)%len(dy)] = float32(v)
					}
				}
				must(t, generic.Forward(generic.NewWorkspace(), wantY, wantArg, x))
				must(t, generic.Backward(generic.NewWorkspace(), wantDx, dy, wantArg))
				ws := p.NewWorkspace()
				must(t, p.Forward(ws, y, nil, x))
				label := fmt.Sprintf("%v %s", op, name(s))
				kerneltest.Equal(t, label+" y without argmax", y, wantY)
				must(t, p.Forward(ws, y, arg, x))
				must(t, p.Backward(ws, dx, dy, arg))
				kerneltest.Equal(t, label+" y", y, wantY)
				kerneltest.Equal(t, label+" dx", dx, wantDx)
				if string(arg) != string(wantArg) {
					t.Errorf("%s: argmax differs", label)
				}
			}
		}
	})
}

// TestManyChannels divides pairs of pixels by channels.
func TestManyChannels(t *testing.T) {
	s := pool.Shape{N: 1, C: 45001, Window: geometry.Window{H: 3, W: 5, R: 3, S: 3, StrideH: 2, StrideW: 2}}
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, op := range ops {
			p := newPlan(t, op, s, kernels.Options{Tier: tier})
			generic := newPlan(t, op, s, kernels.Options{Tier: kernels.TierGeneric})
			x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
			dx, want := make([]float32, p.XLen()), make([]float32, p.XLen())
			var arg []uint8
			if op == pool.Max {
				arg = make([]uint8, p.YLen())
			}
			kerneltest.FillUniform(x, 1)
			must(t, p.Forward(p.NewWorkspace(), y, arg, x))
			must(t, p.Backward(p.NewWorkspace(), dx, y, arg))
			must(t, generic.Backward(generic.NewWorkspace(), want, y, arg))
			kerneltest.Equal(t, op.String(), dx, want)
		}
	})
}

// TestLargeWindow divides windows among calls: by pixels, channels and rows.
func TestLargeWindow(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, s := range []pool.Shape{
			pool.Global(1, 300, 70, 33), pool.Global(1, 2, 9000, 3), pool.Global(2, 64, 64, 100),
			{N: 1, C: 700, Window: geometry.Window{H: 20, W: 20, R: 16, S: 16}},
		} {
			p := newPlan(t, pool.Average, s, kernels.Options{Tier: tier})
			generic := newPlan(t, pool.Average, s, kernels.Options{Tier: kernels.TierGeneric})
			x, y := kerneltest.Guarded(t, p.XLen(), true), kerneltest.Guarded(t, p.YLen(), true)
			want := make([]float32, p.YLen())
			kerneltest.FillUniform(x, 1)
			must(t, p.Forward(p.NewWorkspace(), y, nil, x))
			must(t, generic.Forward(generic.NewWorkspace(), want, nil, x))
			kerneltest.Equal(t, name(s), y, want)
		}
	})
}
