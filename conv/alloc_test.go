package conv_test

import (
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestAllocs checks that packing and every pass of every algorithm allocate
// nothing, alone and on several threads.
func TestAllocs(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		options := threads(t, tier)
		for _, s := range []conv.Shape{
			{N: 1, C: 20, K: 40, Window: window(14, 3, 1, 1)},
			{N: 2, C: 160, K: 33, Window: window(7, 3, 2, 1)},
			{N: 2, C: 40, K: 40, Window: window(10, 1, 1, 0)},
			{N: 1, C: 8, K: 8, Groups: 4, Window: window(9, 5, 1, 4)},
		} {
			s, err := s.Check()
			must(t, err)
			in, ep := newInputs(s, stale, kerneltest.FillUniform), uniformEpilogue(s)
			for _, a := range algorithms(s) {
				for _, o := range options {
					checkAllocs(t, newLayer(t, s, o, a), in, ep)
				}
			}
		}
	})
}

func checkAllocs(t *testing.T, l *layer, in inputs, ep conv.Epilogue) {
	out := l.run(t, in, stale, ep)
	calls := []struct {
		name string
		pass conv.Pass
		call func() error
	}{
		{"Pack", conv.Forward, func() error { return l.Pack(l.forward, in.w) }},
		{"Forward", conv.Forward, func() error { return l.Forward(l.ws, out.y, in.x, l.forward, ep) }},
		{"Pack backward", conv.BackwardData, func() error { return l.Pack(l.backward, in.w) }},
		{"BackwardData", conv.BackwardData, func() error { return l.BackwardData(l.ws, out.dx, in.dy, l.backward) }},
		{"BackwardWeights", conv.BackwardWeights, func() error { return l.BackwardWeights(l.ws, out.dw, out.db, in.dy, in.x) }},
	}
	for _, c := range calls {
		if l.passes&c.pass == 0 {
			continue
		}
		var err error
		if n := kerneltest.Allocs(func() { err = c.call() }); n > 0 || err != nil {
			t.Errorf("%s: %d allocations, error %v\n%s", c.name, n, err, l.Explain(c.pass))
		}
	}
}
