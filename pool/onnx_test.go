package pool_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/kerneltest/onnxtest"
	"github.com/simdconv/simdconv/pool"
)

// onnxPooling returns the pooling of a node, or why it is none of ours. A 1-D
// pooling is one of a map with one row.
func onnxPooling(c *onnxtest.Case) (op pool.Op, s pool.Shape, err error) {
	x, n := c.Inputs[0], c.Node
	if x.Type != onnxtest.Float {
		return op, s, fmt.Errorf("element type %d", x.Type)
	}
	if n.Op == "AveragePool" || n.Op == "GlobalAveragePool" {
		op = pool.Average
	}
	size := n.List("kernel_shape", len(x.Dims)-2, 0)
	if n.Op == "GlobalAveragePool" || n.Op == "GlobalMaxPool" {
		size = x.Dims[2:]
	}
	window, err := onnxtest.Window(n, x.Dims, size)
	if err != nil {
		return op, s, err
	}
	s = pool.Shape{N: x.Dims[0], C: x.Dims[1], CountPadding: n.Int("count_include_pad", 0) != 0, Window: window}
	if n.Int("ceil_mode", 0) != 0 {
		s = s.Ceil()
	}
	if op == pool.Max && s.R*s.S > 256 {
		return op, s, fmt.Errorf("a window of %d taps, 256 are the most", s.R*s.S)
	}
	s, err = s.Check()
	return op, s, err
}

// TestONNX runs the 1-D and 2-D float cases of ONNX's pooling operators.
// Indices, which ONNX counts through the whole tensor, are not compared.
func TestONNX(t *testing.T) {
	ran := 0
	for _, c := range onnxtest.Cases(t, "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool") {
		op, s, err := onnxPooling(c)
		if err != nil {
			t.Logf("excluded: %s: %v", c.Name, err)
			continue
		}
		ran++
		t.Run(c.Name, func(t *testing.T) {
			kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
				p, err := pool.NewPlan(op, s, kernels.Options{Tier: tier})
				if err != nil {
					t.Fatal(err)
				}
				x, nhwc, y := make([]float32, p.XLen()), make([]float32, p.YLen()), make([]float32, p.YLen())
				kernels.NCHWToNHWC(x, c.Inputs[0].Floats, s.N, s.C, s.H, s.W)
				if err := p.Forward(p.NewWorkspace(), nhwc, nil, x); err != nil {
					t.Fatal(err)
				}
				oh, ow := p.Shape().Out()
				kernels.NHWCToNCHW(y, nhwc, s.N, s.C, oh, ow)
				want := make([]float64, len(c.Outputs[0].Floats))
				for i, v := range c.Outputs[0].Floats {
					want[i] = float64(v)
				}
				kerneltest.Close(t, "y", y, want, 1e-6)
			})
		})
	}
	t.Logf("%d cases run", ran)
	if ran < 30 {
		t.Errorf("%d cases run, want at least 25", ran)
	}
}
