package pool_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
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
	if n.Int("ceil_mode", 0) != 0 {
		return op, s, fmt.Errorf("ceil_mode")
	}
	spatial := len(x.Dims) - 2
	dims := append([]int{}, x.Dims...)
	size := n.List("kernel_shape", spatial, 0)
	strides, dilations := n.List("strides", spatial, 1), n.List("dilations", spatial, 1)
	pads := n.List("pads", 2*spatial, 0)
	switch spatial {
	case 1:
		dims = []int{dims[0], dims[1], 1, dims[2]}
		size, strides, dilations = []int{1, size[0]}, []int{1, strides[0]}, []int{1, dilations[0]}
		pads = []int{0, pads[0], 0, pads[1]}
	case 2:
	default:
		return op, s, fmt.Errorf("%d-D", spatial)
	}
	if n.Op == "AveragePool" || n.Op == "GlobalAveragePool" {
		op = pool.Average
	}
	if n.Op == "GlobalAveragePool" || n.Op == "GlobalMaxPool" {
		return op, pool.Global(dims[0], dims[2], dims[3], dims[1]), nil
	}
	if op == pool.Max && size[0]*size[1] > 256 {
		return op, s, fmt.Errorf("a window of %d taps, 256 are the most", size[0]*size[1])
	}
	s = pool.Shape{N: dims[0], C: dims[1], CountPadding: n.Int("count_include_pad", 0) != 0, Window: geometry.Window{
		H: dims[2], W: dims[3], R: size[0], S: size[1],
		StrideH: strides[0], StrideW: strides[1], DilationH: dilations[0], DilationW: dilations[1],
	}}
	switch auto := n.Text["auto_pad"]; auto {
	case "", "NOTSET":
		s.Padding = geometry.Padding{Top: pads[0], Left: pads[1], Bottom: pads[2], Right: pads[3]}
	case "SAME_UPPER":
		s.Window = s.Same()
	case "SAME_LOWER":
		s.Window = s.Same()
		s.Top, s.Bottom, s.Left, s.Right = s.Bottom, s.Top, s.Right, s.Left
	default:
		return op, s, fmt.Errorf("auto_pad %s", auto)
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
