package kernels_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

func cloneAll(x [][]float32) [][]float32 {
	y := make([][]float32, len(x))
	for i := range x {
		y[i] = clone(x[i])
	}
	return y
}

// check runs the operation on x and compares the results with the definition.
func (c *vectorCase) check(t *testing.T, e *kernels.Engine, x [][]float32) {
	t.Helper()
	exact := make([][]float64, len(x))
	for i := range x {
		exact[i] = widen(x[i])
	}
	before := cloneAll(x)
	c.want(exact)
	c.run(e, x)
	for i := range x {
		name := fmt.Sprintf("%s n=%d operand %d", c.name, len(x[0]), i)
		switch {
		case i >= c.results:
			kerneltest.Equal(t, name, x[i], before[i])
		case c.sum:
			kerneltest.Close(t, name, x[i], exact[i], c.bound)
		default:
			near(t, name, x[i], exact[i], c.bound)
		}
	}
}

var vectorLengths = []int{0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 100, 1023, 40001}

func TestVector(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 2)
		for _, c := range vectorCases {
			for _, n := range vectorLengths {
				c.check(t, e, c.vectorOperands(n, plainAllocator))
			}
		}
	})
}

// TestVectorEdges pairs every special value with every other.
func TestVectorEdges(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, c := range vectorCases {
			if !c.edges {
				continue
			}
			x := make([][]float32, c.args)
			for _, v := range edges {
				for _, w := range edges {
					for i := range x {
						x[i] = append(x[i], [...]float32{v, w}[(i+c.args)%2])
					}
				}
			}
			c.check(t, e, x)
		}
	})
}

// TestReLUEdges compares bits, which tell -0 from 0.
func TestReLUEdges(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		y, exact := make([]float32, len(edges)), make([]float32, len(edges))
		e.ReLU(y, edges)
		ref.ReLU(exact, edges)
		kerneltest.Equal(t, "ReLU", y, exact)
		dy := uniform(len(edges), 1)
		e.ReLUBackward(y, dy, edges)
		ref.ReLUBackward(exact, dy, edges)
		kerneltest.Equal(t, "ReLUBackward", y, exact)
	})
}

// TestVectorGuarded puts operands against pages that fault.
func TestVectorGuarded(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, c := range vectorCases {
			for _, n := range []int{1, 7, 16, 37} {
				for _, atEnd := range []bool{false, true} {
					c.check(t, e, c.vectorOperands(n, func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) }))
				}
			}
		}
	})
}

// TestVectorInPlace compares results in place with results apart.
func TestVectorInPlace(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 2)
	for _, c := range vectorCases {
		for operand := 1; operand <= c.inPlace; operand++ {
			apart := c.vectorOperands(30011, plainAllocator)
			copy(apart[0], apart[operand])
			same := cloneAll(apart)
			same[0] = same[operand]
			c.run(e, apart)
			c.run(e, same)
			kerneltest.Equal(t, fmt.Sprintf("%s in place of operand %d", c.name, operand), same[0], apart[0])
		}
	}
}

// TestVectorThreadsBits compares the bits of 1, 2 and 7 threads on lengths that
// are worth all of them.
func TestVectorThreadsBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		engines := threadedEngines(t, tier)
		for _, c := range vectorCases {
			x := c.vectorOperands(200011, plainAllocator)
			one := cloneAll(x)
			c.run(engines[0], one)
			for _, e := range engines[1:] {
				y := cloneAll(x)
				c.run(e, y)
				for i := range c.results {
					kerneltest.Equal(t, fmt.Sprintf("%s, %d threads, operand %d", c.name, e.Options().Threads, i), y[i], one[i])
				}
			}
		}
	})
}

func TestVectorAllocs(t *testing.T) {
	for _, e := range threadedEngines(t, kernels.TierAuto)[1:] {
		for _, c := range vectorCases {
			for _, n := range []int{10, 150000} {
				x := c.vectorOperands(n, plainAllocator)
				if a := kerneltest.Allocs(func() { c.run(e, x) }); a > 0 {
					t.Errorf("%s n=%d, %d threads: %d allocations", c.name, n, e.Options().Threads, a)
				}
			}
		}
	}
}

// TestVectorPanics makes each operand too short, too long, and shifted by one
// against every other.
func TestVectorPanics(t *testing.T) {
	const n = 20
	const apart, overlap = "kernels: a result overlaps another operand", "kernels: operands overlap without being the same"
	e := newEngine(t, kernels.TierAuto, 1)
	for _, c := range vectorCases {
		for i := 1; i < c.args; i++ {
			for _, length := range []int{n - 1, n + 1, 0} {
				x := c.vectorOperands(n, plainAllocator)
				x[i] = make([]float32, length)
				before := cloneAll(x)
				wantPanic(t, "kernels: operands of different lengths", func() { c.run(e, x) })
				for j := range x {
					kerneltest.Equal(t, c.name, x[j], before[j])
				}
			}
			x := c.vectorOperands(n, plainAllocator)
			buf := make([]float32, n+1)
			x[0], x[i] = buf[:n], buf[1:]
			message := overlap
			if c.inPlace == 0 {
				message = apart
			}
			wantPanic(t, message, func() { c.run(e, x) })
			if c.inPlace == 0 {
				x[i] = x[0]
				wantPanic(t, message, func() { c.run(e, x) })
			}
		}
	}
	v := make([]float32, 3)
	wantPanic(t, "kernels: momentum needs a velocity", func() { e.SGD(v, nil, make([]float32, 3), 1, 0.5) })
	wantPanic(t, "kernels: a result overlaps another operand", func() { e.SGD(make([]float32, 3), v, v, 1, 0.5) })
	wantPanic(t, "kernels: steps are counted from 1", func() { e.Adam(v, v, v, v, 1, 0.9, 0.9, 0, 0) })
}

// TestVectorConcurrent uses one engine from many goroutines.
func TestVectorConcurrent(t *testing.T) {
	e := threadedEngines(t, kernels.TierAuto)[2]
	var wg sync.WaitGroup
	for _, c := range vectorCases {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 3 {
				c.check(t, e, c.vectorOperands(70001, plainAllocator))
			}
		}()
	}
	wg.Wait()
}
