package bn_test

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/kerneltest/onnxtest"
)

// TestONNX runs the cases of ONNX's operator BatchNormalization. Maps of any
// number of dimensions are rows of channels to it.
func TestONNX(t *testing.T) {
	ran := 0
	for _, c := range onnxtest.Cases(t, "BatchNormalization") {
		x := c.Inputs[0]
		if x.Type != onnxtest.Float {
			t.Logf("excluded: %s: element type %d", c.Name, x.Type)
			continue
		}
		ran++
		t.Run(c.Name, func(t *testing.T) {
			kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) { onnxNormalize(t, c, tier) })
		})
	}
	t.Logf("%d cases run", ran)
	if ran < 6 {
		t.Errorf("%d cases run, want at least 6", ran)
	}
}

func onnxNormalize(t *testing.T, c *onnxtest.Case, tier kernels.Tier) {
	dims := c.Inputs[0].Dims
	n, channels, pixels := dims[0], dims[1], len(c.Inputs[0].Floats)/(dims[0]*dims[1])
	o := bn.Options{Options: kernels.Options{Tier: tier}, Epsilon: 1e-5, Momentum: 0.9}
	if v, ok := c.Node.Floats["epsilon"]; ok {
		o.Epsilon = float64(v)
	}
	if v, ok := c.Node.Floats["momentum"]; ok {
		o.Momentum = float64(v)
	}
	p, err := bn.NewPlan(n*pixels, channels, o)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, len(c.Inputs[0].Floats))
	kernels.NCHWToNHWC(x, c.Inputs[0].Floats, n, channels, pixels, 1)
	q := bn.Params{
		Gamma: c.Inputs[1].Floats, Beta: c.Inputs[2].Floats,
		MovingMean: slices.Clone(c.Inputs[3].Floats), MovingVariance: slices.Clone(c.Inputs[4].Floats),
	}
	nhwc := make([]float32, len(x))
	if c.Node.Int("training_mode", 0) != 0 {
		saved := bn.Saved{Mean: make([]float32, channels), InvStd: make([]float32, channels)}
		err = p.Train(p.NewWorkspace(), nhwc, x, q, saved)
		kerneltest.Close(t, "moving mean", q.MovingMean, float64s(c.Outputs[1].Floats), 1e-6)
		kerneltest.Close(t, "moving variance", q.MovingVariance, float64s(c.Outputs[2].Floats), 1e-6)
	} else {
		err = p.Infer(p.NewWorkspace(), nhwc, x, q)
	}
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, len(x))
	kernels.NHWCToNCHW(y, nhwc, n, channels, pixels, 1)
	kerneltest.Close(t, "y", y, float64s(c.Outputs[0].Floats), 1e-6)
}

func float64s(s []float32) []float64 {
	d := make([]float64, len(s))
	for i, v := range s {
		d[i] = float64(v)
	}
	return d
}
