package pool_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/parallel"
	"github.com/simdconv/simdconv/kernels/ref"
	"github.com/simdconv/simdconv/pool"
)

var ops = []pool.Op{pool.Max, pool.Average}

// shapes are sizes around the edges of the loops.
var shapes = []pool.Shape{
	{N: 1, C: 1, Window: geometry.Window{H: 1, W: 1, R: 1, S: 1}},
	{N: 2, C: 3, Window: geometry.Window{H: 1, W: 1, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()},
	{N: 3, C: 17, Window: geometry.Window{H: 8, W: 6, R: 2, S: 2, StrideH: 2, StrideW: 2}},
	{N: 2, C: 3, Window: geometry.Window{H: 7, W: 9, R: 2, S: 2, StrideH: 2, StrideW: 2}},
	{N: 2, C: 17, Window: geometry.Window{H: 7, W: 8, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()},
	{N: 1, C: 64, Window: geometry.Window{H: 14, W: 14, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()},
	{N: 1, C: 3, Window: geometry.Window{H: 5, W: 7, R: 3, S: 3, StrideH: 2, StrideW: 2, Padding: geometry.Padding{Bottom: 2, Left: 1, Right: 1}}},
	{N: 1, C: 3, Window: geometry.Window{H: 5, W: 4, R: 3, S: 2, StrideH: 2, StrideW: 2, Padding: geometry.Padding{Bottom: 2}}},
	{N: 2, C: 3, Window: geometry.Window{H: 9, W: 7, R: 2, S: 2, StrideH: 3, StrideW: 3}},
	{N: 1, C: 5, Window: geometry.Window{H: 11, W: 10, R: 1, S: 2, StrideH: 4, StrideW: 5}},
	{N: 1, C: 3, Window: geometry.Window{H: 6, W: 6, R: 3, S: 3}.Same()},
	{N: 2, C: 1, Window: geometry.Window{H: 5, W: 4, R: 3, S: 2, Padding: geometry.Padding{Top: 2, Left: 1}}},
	{N: 1, C: 3, Window: geometry.Window{H: 5, W: 6, R: 2, S: 4, StrideH: 2, Padding: geometry.Padding{Bottom: 1, Right: 3}}},
	{N: 1, C: 4, Window: geometry.Window{H: 9, W: 8, R: 3, S: 2, DilationH: 2, DilationW: 3}},
	{N: 1, C: 3, Window: geometry.Window{H: 12, W: 11, R: 3, S: 3, StrideH: 4, StrideW: 3, DilationH: 2, DilationW: 2}.Same()},
	{N: 2, C: 3, Window: geometry.Window{H: 10, W: 9, R: 2, S: 3, StrideH: 2, StrideW: 3, DilationH: 4, DilationW: 3}},
	{N: 1, C: 2, Window: geometry.Window{H: 20, W: 17, R: 16, S: 16}},
	{N: 0, C: 3, Window: geometry.Window{H: 4, W: 4, R: 2, S: 2}},
	pool.Shape{N: 1, C: 3, Window: geometry.Window{H: 6, W: 7, R: 3, S: 3, StrideH: 2, StrideW: 2}}.Ceil(),
	pool.Shape{N: 2, C: 9, Window: geometry.Window{H: 8, W: 10, R: 3, S: 4, StrideH: 2, StrideW: 3, Padding: geometry.Padding{Top: 1, Bottom: 1, Right: 2}}}.Ceil(),
	pool.Shape{N: 1, C: 2, Window: geometry.Window{H: 9, W: 8, R: 2, S: 3, StrideH: 2, StrideW: 2, DilationH: 3, DilationW: 2}}.Ceil(),
	pool.Global(2, 7, 7, 17),
	pool.Global(3, 1, 1, 3),
	pool.Global(1, 5, 2, 1),
}

func name(s pool.Shape) string {
	return fmt.Sprintf("n%d_%dx%dx%d_w%dx%d_s%d,%d_d%d,%d_p%d,%d,%d,%d_beyond%d,%d_count=%t", s.N, s.H, s.W, s.C, s.R, s.S,
		s.StrideH, s.StrideW, s.DilationH, s.DilationW, s.Top, s.Bottom, s.Left, s.Right, s.Beyond.Bottom, s.Beyond.Right, s.CountPadding)
}

func reference(s pool.Shape) ref.Pool {
	return ref.Pool{N: s.N, H: s.H, W: s.W, C: s.C, R: s.R, S: s.S,
		StrideH: s.StrideH, StrideW: s.StrideW, DilationH: s.DilationH, DilationW: s.DilationW,
		Top: s.Top, Bottom: s.Bottom, Left: s.Left, Right: s.Right, CountPadding: s.CountPadding,
		BeyondBottom: s.Beyond.Bottom, BeyondRight: s.Beyond.Right}
}

func newPlan(t testing.TB, op pool.Op, s pool.Shape, o kernels.Options) *pool.Plan {
	t.Helper()
	p, err := pool.NewPlan(op, s, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// checkMax compares both directions with ref, bit for bit.
func checkMax(t *testing.T, s pool.Shape, o kernels.Options, x, dy []float32) {
	t.Helper()
	p := newPlan(t, pool.Max, s, o)
	ws, r := p.NewWorkspace(), reference(p.Shape())
	wantY, wantArg, wantDx := make([]float32, p.YLen()), make([]uint8, p.YLen()), make([]float32, p.XLen())
	ref.MaxPoolForward(r, wantY, wantArg, x)
	ref.MaxPoolBackward(r, wantDx, dy, wantArg)

	y, checkY := kerneltest.Canary(t, p.YLen())
	must(t, p.Forward(ws, y, nil, x))
	kerneltest.Equal(t, "y without argmax", y, wantY)

	y, checkY2 := kerneltest.Canary(t, p.YLen())
	arg := make([]uint8, p.YLen())
	must(t, p.Forward(ws, y, arg, x))
	kerneltest.Equal(t, "y", y, wantY)
	for i := range arg {
		if arg[i] != wantArg[i] {
			t.Fatalf("argmax[%d] = %d, want %d", i, arg[i], wantArg[i])
		}
	}
	dx, checkDx := kerneltest.Canary(t, p.XLen())
	must(t, p.Backward(ws, dx, dy, arg))
	kerneltest.Equal(t, "dx", dx, wantDx)
	checkY()
	checkY2()
	checkDx()
}

func TestMaxMatchesReference(t *testing.T) {
	for _, s := range shapes {
		t.Run(name(s), func(t *testing.T) {
			x, dy := make([]float32, s.XLen()), make([]float32, s.YLen())
			kerneltest.FillInts(x, 1, 3) // few values, so that many maxima tie
			kerneltest.FillInts(dy, 2, 100)
			checkMax(t, s, kernels.Options{}, x, dy)
			kerneltest.FillUniform(x, 3)
			kerneltest.FillUniform(dy, 4)
			checkMax(t, s, kernels.Options{}, x, dy)
		})
	}
}

// TestAverageMatchesReference holds sums of integers to the bits of ref, which
// divides as we do, and random numbers to a bound.
func TestAverageMatchesReference(t *testing.T) {
	for _, s := range shapes {
		for _, countPadding := range []bool{false, true} {
			s.CountPadding = countPadding
			t.Run(name(s), func(t *testing.T) {
				p := newPlan(t, pool.Average, s, kernels.Options{})
				ws, r := p.NewWorkspace(), reference(p.Shape())
				x, dy := make([]float32, p.XLen()), make([]float32, p.YLen())
				wantY, wantDx := make([]float32, p.YLen()), make([]float32, p.XLen())
				kerneltest.FillInts(x, 1, 1000)
				kerneltest.FillInts(dy, 2, 1000)
				ref.AvgPoolForward(r, wantY, x)
				ref.AvgPoolBackward(r, wantDx, dy)

				y, checkY := kerneltest.Canary(t, p.YLen())
				dx, checkDx := kerneltest.Canary(t, p.XLen())
				must(t, p.Forward(ws, y, nil, x))
				must(t, p.Backward(ws, dx, dy, nil))
				kerneltest.Equal(t, "y", y, wantY)
				kerneltest.Equal(t, "dx", dx, wantDx)
				checkY()
				checkDx()

				kerneltest.FillUniform(x, 3)
				kerneltest.FillUniform(dy, 4)
				exactY, exactDx := make([]float64, p.YLen()), make([]float64, p.XLen())
				ref.AvgPoolForward(r, exactY, widen(x))
				ref.AvgPoolBackward(r, exactDx, widen(dy))
				must(t, p.Forward(ws, y, nil, x))
				must(t, p.Backward(ws, dx, dy, nil))
				kerneltest.Close(t, "y", y, exactY, 3e-7)
				kerneltest.Close(t, "dx", dx, exactDx, 3e-7)
			})
		}
	}
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// TestGlobalAverageOfLargeMap would fail if the pixels were added one after the
// other: the error of that is 7e-6.
func TestGlobalAverageOfLargeMap(t *testing.T) {
	s := pool.Global(1, 512, 512, 1)
	p := newPlan(t, pool.Average, s, kernels.Options{})
	x, y := make([]float32, p.XLen()), make([]float32, 1)
	kerneltest.FillUniform(x, 1)
	for i := range x {
		x[i] += 1.1
	}
	exact := make([]float64, 1)
	ref.AvgPoolForward(reference(p.Shape()), exact, widen(x))
	must(t, p.Forward(p.NewWorkspace(), y, nil, x))
	kerneltest.Close(t, "y", y, exact, 1e-6)
}

func TestGuardPages(t *testing.T) {
	for _, s := range shapes {
		for _, op := range ops {
			for _, atEnd := range []bool{false, true} {
				p := newPlan(t, op, s, kernels.Options{})
				ws := p.NewWorkspace()
				x, y := kerneltest.Guarded(t, p.XLen(), atEnd), kerneltest.Guarded(t, p.YLen(), atEnd)
				var arg []uint8
				if op == pool.Max {
					arg = kerneltest.GuardedBytes(t, p.YLen(), atEnd)
				}
				must(t, p.Forward(ws, y, arg, x))
				must(t, p.Backward(ws, x, y, arg))
			}
		}
	}
}

// TestSameBitsAtAnyThreadCount uses a shape large enough to be divided.
func TestSameBitsAtAnyThreadCount(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(7))
	exec := parallel.New(7)
	defer exec.Close()
	s := pool.Shape{N: 3, C: 17, Window: geometry.Window{H: 57, W: 55, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()}
	for _, op := range ops {
		var first [2][]float32
		for _, threads := range []int{1, 2, 7} {
			p := newPlan(t, op, s, kernels.Options{Threads: threads, Pool: exec})
			ws := p.NewWorkspace()
			x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
			dx := make([]float32, p.XLen())
			var arg []uint8
			if op == pool.Max {
				arg = make([]uint8, p.YLen())
			}
			kerneltest.FillUniform(x, 1)
			must(t, p.Forward(ws, y, arg, x))
			must(t, p.Backward(ws, dx, y, arg))
			if threads == 1 {
				first = [2][]float32{y, dx}
				continue
			}
			kerneltest.Equal(t, fmt.Sprintf("%v y at %d threads", op, threads), y, first[0])
			kerneltest.Equal(t, fmt.Sprintf("%v dx at %d threads", op, threads), dx, first[1])
		}
	}
}

// TestConcurrentCallers shares one plan, as the documentation allows.
func TestConcurrentCallers(t *testing.T) {
	s := pool.Shape{N: 2, C: 16, Window: geometry.Window{H: 28, W: 28, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()}
	p := newPlan(t, pool.Average, s, kernels.Options{Threads: 2})
	x := make([]float32, p.XLen())
	kerneltest.FillUniform(x, 1)
	want := make([]float32, p.YLen())
	must(t, p.Forward(p.NewWorkspace(), want, nil, x))
	var callers sync.WaitGroup
	for range 4 {
		callers.Add(1)
		go func() {
			defer callers.Done()
			ws, y := p.NewWorkspace(), make([]float32, p.YLen())
			for range 5 {
				if err := p.Forward(ws, y, nil, x); err != nil {
					t.Error(err)
				}
				kerneltest.Equal(t, "y", y, want)
			}
		}()
	}
	callers.Wait()
}

func TestImageAloneAndInBatch(t *testing.T) {
	s := pool.Shape{N: 3, C: 5, Window: geometry.Window{H: 9, W: 8, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()}
	batch := newPlan(t, pool.Average, s, kernels.Options{})
	s.N = 1
	alone := newPlan(t, pool.Average, s, kernels.Options{})
	x, y, one := make([]float32, batch.XLen()), make([]float32, batch.YLen()), make([]float32, alone.YLen())
	kerneltest.FillUniform(x, 1)
	must(t, batch.Forward(batch.NewWorkspace(), y, nil, x))
	ws := alone.NewWorkspace()
	for n := range 3 {
		must(t, alone.Forward(ws, one, nil, x[n*alone.XLen():][:alone.XLen()]))
		kerneltest.Equal(t, fmt.Sprintf("image %d", n), one, y[n*alone.YLen():][:alone.YLen()])
	}
}

func TestAllocations(t *testing.T) {
	s := pool.Shape{N: 2, C: 32, Window: geometry.Window{H: 28, W: 28, StrideH: 2, StrideW: 2}}
	for i := range 2 * len(ops) {
		op := ops[i/2]
		s.R, s.S = 2+i%2, 2+i%2
		p := newPlan(t, op, s, kernels.Options{})
		ws := p.NewWorkspace()
		x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
		var arg []uint8
		if op == pool.Max {
			arg = make([]uint8, p.YLen())
		}
		if n := testing.AllocsPerRun(20, func() {
			must(t, p.Forward(ws, y, arg, x))
			must(t, p.Backward(ws, x, y, arg))
		}); n != 0 {
			t.Errorf("%v %s: %v allocations per call, want 0", op, name(s), n)
		}
	}
}
