package conv_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// TestConcurrentCalls runs one plan with shared packed weights from several
// goroutines, each with a workspace and data of its own.
func TestConcurrentCalls(t *testing.T) {
	s, err := conv.Shape{N: 2, C: 18, K: 35, Window: window(13, 3, 1, 1)}.Check()
	must(t, err)
	var ins []inputs
	var wants []outputs[float32]
	for g := range uint64(4) {
		in := newInputs(s, stale, func(dst []float32, seed uint64) { fillInts(dst, seed+10*g) })
		if g > 0 {
			in.w = ins[0].w
		}
		ins, wants = append(ins, in), append(wants, expected[float32](in))
	}
	pool := parallel.New(2)
	t.Cleanup(pool.Close)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range exactAlgorithms(s) {
			l := newLayer(t, s, kernels.Options{Tier: tier, Threads: 2, Pool: pool}, a)
			must(t, l.Pack(l.forward, ins[0].w))
			must(t, l.Pack(l.backward, ins[0].w))
			var wg sync.WaitGroup
			for g, in := range ins {
				ws, err := l.NewWorkspace(l.passes)
				must(t, err)
				wg.Add(1)
				go func() {
					defer wg.Done()
					for range 3 {
						out := outputs[float32]{y: stale(len(in.dy)), dx: stale(len(in.x))}
						err := l.Forward(ws, out.y, in.x, l.forward, conv.Epilogue{})
						if err == nil {
							err = l.BackwardData(ws, out.dx, in.dy, l.backward)
						}
						if err == nil && l.passes == allPasses {
							out.dw, out.db = stale(len(in.w)), stale(s.K)
							err = l.BackwardWeights(ws, out.dw, out.db, in.dy, in.x)
						}
						if err != nil {
							t.Error(err)
							return
						}
						equal(t, fmt.Sprintf("goroutine %d by %v", g, a), out, wants[g])
					}
				}()
			}
			wg.Wait()
		}
	})
}
