package bn_test

import (
	"sync"
	"testing"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

func TestInPlace(t *testing.T) {
	const m, c = 700, 5
	want := newLayer(t, m, c, bn.Options{}, heap)
	want.train(t)
	want.backward(t)
	wantInfer := make([]float32, m*c)
	must(t, want.Infer(want.ws, wantInfer, want.x, want.q))

	l := newLayer(t, m, c, bn.Options{}, heap)
	l.y = l.x
	l.train(t)
	kerneltest.Equal(t, "y in x", l.y, want.y)
	copy(l.x, want.x)
	must(t, l.Infer(l.ws, l.x, l.x, l.q))
	kerneltest.Equal(t, "inference in x", l.x, wantInfer)
	copy(l.x, want.x)
	l.dx = l.dy
	l.backward(t)
	kerneltest.Equal(t, "dx in dy", l.dx, want.dx)
	copy(l.dy, want.dy)
	l.dx = l.x
	l.backward(t)
	kerneltest.Equal(t, "dx in x", l.dx, want.dx)
}

func TestGuardPages(t *testing.T) {
	for _, size := range sizes {
		for _, atEnd := range []bool{false, true} {
			l := newLayer(t, size.m, size.c, bn.Options{}, func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) })
			l.train(t)
			l.backward(t)
			must(t, l.Infer(l.ws, l.y, l.x, l.q))
		}
	}
}

func TestStrayWrites(t *testing.T) {
	for _, size := range sizes {
		var checks []func()
		l := newLayer(t, size.m, size.c, bn.Options{}, func(n int) []float32 {
			s, check := kerneltest.Canary(t, n)
			checks = append(checks, check)
			return s
		})
		l.train(t)
		l.backward(t)
		must(t, l.Infer(l.ws, l.y, l.x, l.q))
		for _, check := range checks {
			check()
		}
		for _, s := range [][]float32{l.y, l.dx, l.dgamma, l.dbeta, l.s.Mean, l.s.InvStd} {
			for i, v := range s {
				if v != v {
					t.Fatalf("m=%d c=%d: element %d of an output of %d is not written", size.m, size.c, i, len(s))
				}
			}
		}
	}
}

func TestAllocations(t *testing.T) {
	l := newLayer(t, 3000, 32, bn.Options{}, heap)
	if n := testing.AllocsPerRun(20, func() {
		l.train(t)
		l.backward(t)
		must(t, l.Infer(l.ws, l.y, l.x, l.q))
	}); n != 0 {
		t.Errorf("%v allocations per step, want 0", n)
	}
}

// TestConcurrentCallers shares one plan, as the documentation allows.
func TestConcurrentCallers(t *testing.T) {
	const m, c = 1500, 16
	want := newLayer(t, m, c, bn.Options{}, heap)
	want.train(t)
	want.backward(t)
	layers := make([]*layer, 4)
	for i := range layers {
		layers[i] = newLayer(t, m, c, bn.Options{}, heap)
		layers[i].Plan, layers[i].ws = want.Plan, want.NewWorkspace()
	}
	var callers sync.WaitGroup
	for _, l := range layers {
		callers.Add(1)
		go func() {
			defer callers.Done()
			if err := l.Train(l.ws, l.y, l.x, l.q, l.s); err != nil {
				t.Error(err)
			}
			if err := l.Backward(l.ws, l.dx, l.dgamma, l.dbeta, l.dy, l.x, l.q.Gamma, l.s); err != nil {
				t.Error(err)
			}
		}()
	}
	callers.Wait()
	for _, l := range layers {
		kerneltest.Equal(t, "y", l.y, want.y)
		kerneltest.Equal(t, "dx", l.dx, want.dx)
	}
}
