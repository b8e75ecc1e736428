package conv_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// errorBound is the largest rms error that direct, im2col and winograd2 may
// have, as a multiple of that of plain sequential float32 summation.
const errorBound = 1.1

// TestAccuracy holds the error against float64 to the stated multiple of what
// summing one product after the other in float32 gives.
func TestAccuracy(t *testing.T) {
	for _, c := range []int{64, 256} {
		s, err := conv.Shape{N: 1, C: c, K: 24, Window: window(7, 3, 1, 1)}.Check()
		must(t, err)
		checkAccuracy(t, s, conv.Forward|conv.BackwardWeights)
		s.C, s.K = s.K, s.C
		checkAccuracy(t, s, conv.BackwardData)
	}
}

func checkAccuracy(t *testing.T, s conv.Shape, passes conv.Pass) {
	in := newInputs(s, stale, kerneltest.FillUniform)
	exact, sequential := expected[float64](in), expected[float32](in)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range exactAlgorithms(s) {
			got := newLayer(t, s, kernels.Options{Tier: tier}, a).run(t, in, stale, conv.Epilogue{})
			for _, r := range []struct {
				pass            conv.Pass
				got, sequential []float32
				exact           []float64
			}{
				{conv.Forward, got.y, sequential.y, exact.y},
				{conv.BackwardData, got.dx, sequential.dx, exact.dx},
				{conv.BackwardWeights, got.dw, sequential.dw, exact.dw},
			} {
				if r.got == nil || passes&r.pass == 0 {
					continue
				}
				plain, _ := kerneltest.RMSError(r.sequential, r.exact)
				name := fmt.Sprintf("%v by %v of %v", r.pass, a, s)
				kerneltest.Close(t, name, r.got, r.exact, errorBound*plain)
				if rms, _ := kerneltest.RMSError(r.got, r.exact); rms == 0 {
					t.Errorf("%s: no error at all: the test measures nothing", name)
				} else {
					t.Logf("%s: %.3f x sequential", name, rms/plain)
				}
			}
		}
	})
}

// TestAccuracyBias holds the gradient of the bias to float64 over many pixels.
func TestAccuracyBias(t *testing.T) {
	s, err := conv.Shape{N: 3, C: 1, K: 5, Window: window(70, 1, 1, 0)}.Check()
	must(t, err)
	in := newInputs(s, stale, kerneltest.FillUniform)
	want := expected[float64](in)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		got := newLayer(t, s, kernels.Options{Tier: tier}, conv.Direct).run(t, in, stale, conv.Epilogue{})
		kerneltest.Close(t, "db", got.db, want.db, 1e-5)
	})
}
