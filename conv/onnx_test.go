package conv

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/kerneltest/onnxtest"
)

// onnxShape returns the shape of a Conv node, or why it is none of ours. A 1-D
// convolution is one of a map with one row.
func onnxShape(c *onnxtest.Case) (Shape, error) {
	x, w := c.Inputs[0], c.Inputs[1]
	if x.Type != onnxtest.Float {
		return Shape{}, fmt.Errorf("element type %d", x.Type)
	}
	window, err := onnxtest.Window(c.Node, x.Dims, w.Dims[2:])
	if err != nil {
		return Shape{}, err
	}
	s := Shape{N: x.Dims[0], C: x.Dims[1], K: w.Dims[0], Groups: c.Node.Int("group", 1), Window: window}
	return s.Check()
}

// TestONNX runs the 1-D and 2-D float cases of ONNX's operator Conv by every
// algorithm that can.
func TestONNX(t *testing.T) {
	ran := 0
	for _, c := range onnxtest.Cases(t, "Conv") {
		s, err := onnxShape(c)
		if err != nil {
			t.Logf("excluded: %s: %v", c.Name, err)
			continue
		}
		ran++
		t.Run(c.Name, func(t *testing.T) {
			kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
				for _, m := range methods {
					onnxForward(t, c, s, Options{Options: kernels.Options{Tier: tier}, Forward: m.algorithm})
				}
			})
		})
	}
	t.Logf("%d cases run", ran)
	if ran < 20 {
		t.Errorf("%d cases run, want at least 20", ran)
	}
}

func onnxForward(t *testing.T, c *onnxtest.Case, s Shape, o Options) {
	p, err := NewPlan(s, o)
	if err != nil {
		return // the algorithm is not for this shape
	}
	x, w := make([]float32, s.XLen()), make([]float32, s.WLen())
	kernels.NCHWToNHWC(x, c.Inputs[0].Floats, s.N, s.C, s.H, s.W)
	kernels.OIHWToHWIO(w, c.Inputs[1].Floats, s.K, s.C/s.Groups, s.R, s.S)
	var ep Epilogue
	if len(c.Inputs) > 2 {
		ep.Bias = c.Inputs[2].Floats
	}
	ws, err := p.NewWorkspace(Forward)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := p.NewPacked(Forward)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Pack(packed, w); err != nil {
		t.Fatal(err)
	}
	nhwc := make([]float32, s.YLen())
	if err := p.Forward(ws, nhwc, x, packed, ep); err != nil {
		t.Fatal(err)
	}
	oh, ow := s.Out()
	y := make([]float32, len(nhwc))
	kernels.NHWCToNCHW(y, nhwc, s.N, s.K, oh, ow)
	want := make([]float64, len(c.Outputs[0].Floats))
	for i, v := range c.Outputs[0].Floats {
		want[i] = float64(v)
	}
	kerneltest.Close(t, fmt.Sprint(o.Forward), y, want, 1e-6)
}
