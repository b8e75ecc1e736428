package conv_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestGuards puts a page without access before and then after every operand,
// the packed weights and the workspace, for every tier, algorithm and pass.
func TestGuards(t *testing.T) {
	shapes := conv.Corpus(t)
	if !testing.Short() {
		shapes = append(shapes, conv.RandomShapes(2, 30)...)
	}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for i, s := range shapes {
			if s.Shape.FLOP() > 2e6 {
				continue
			}
			for _, atEnd := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d/%s/atEnd=%v", i, s.Name, atEnd), func(t *testing.T) {
					checkGuards(t, s.Shape, tier, guards(t, atEnd))
				})
			}
		}
	})
}

func checkGuards(t *testing.T, s conv.Shape, tier kernels.Tier, alloc allocator) {
	in := newInputs(s, alloc, fillInts)
	full := conv.Epilogue{Scale: alloc(s.K), Bias: alloc(s.K), Residual: alloc(s.YLen()), Act: kernels.ActReLU}
	fillInts(full.Scale, 4)
	fillInts(full.Bias, 5)
	fillInts(full.Residual, 6)
	for _, a := range algorithms(s) {
		l := newLayer(t, s, kernels.Options{Tier: tier, Threads: 2}, a)
		conv.ReplaceBuffers(alloc, l.ws, l.forward, l.backward)
		l.run(t, in, alloc, full)
		l.runForward(t, in, alloc, conv.Epilogue{})
	}
}
