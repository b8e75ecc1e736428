package kernels_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/kerneltest/onnxtest"
)

// onnxRuns are the operators of ONNX that an Engine has. Each returns the case's
// outputs, or why it cannot run it.
var onnxRuns = map[string]func(e *kernels.Engine, c *onnxtest.Case) ([][]float32, error){
	"LRN":                     onnxLRN,
	"Adam":                    onnxAdam,
	"Momentum":                onnxMomentum,
	"SoftmaxCrossEntropyLoss": onnxCrossEntropy,
}

// TestONNX runs ONNX's cases of what works on rows and vectors.
func TestONNX(t *testing.T) {
	ran := map[string]int{}
	for _, c := range onnxtest.Cases(t, "LRN", "Adam", "Momentum", "SoftmaxCrossEntropyLoss") {
		run := onnxRuns[c.Node.Op]
		if _, err := run(newEngine(t, kernels.TierGeneric, 1), c); err != nil {
			t.Logf("excluded: %s: %v", c.Name, err)
			continue
		}
		ran[c.Node.Op]++
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			got, err := run(newEngine(t, tier, 1), c)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(c.Outputs) {
				t.Fatalf("%s: %d outputs, want %d", c.Name, len(got), len(c.Outputs))
			}
			for i, want := range c.Outputs {
				kerneltest.Close(t, c.Name+" "+want.Name, got[i], widen(want.Floats), 2e-6)
			}
		})
	}
	t.Logf("cases run: %v", ran)
	for op := range onnxRuns {
		if ran[op] == 0 {
			t.Errorf("no case of %s ran", op)
		}
	}
}

// channelsLast and channelsFirst move the channels of N x C x pixels.
func channelsLast(x []float32, dims []int) []float32 {
	y := make([]float32, len(x))
	kernels.NCHWToNHWC(y, x, dims[0], dims[1], 1, len(x)/(dims[0]*dims[1]))
	return y
}

func channelsFirst(x []float32, dims []int) []float32 {
	y := make([]float32, len(x))
	kernels.NHWCToNCHW(y, x, dims[0], dims[1], 1, len(x)/(dims[0]*dims[1]))
	return y
}

func attribute(n *onnxtest.Node, name string, without float32) float32 {
	if v, ok := n.Floats[name]; ok {
		return v
	}
	return without
}

func onnxLRN(e *kernels.Engine, c *onnxtest.Case) ([][]float32, error) {
	x, size := c.Inputs[0], c.Node.Int("size", 0)
	if size%2 == 0 {
		return nil, fmt.Errorf("an even size, %d", size)
	}
	y := channelsLast(x.Floats, x.Dims)
	e.LocalResponse(y, y, x.Dims[1], kernels.LRN{
		Radius: size / 2,
		Bias:   attribute(c.Node, "bias", 1),
		Alpha:  attribute(c.Node, "alpha", 1e-4) / float32(size),
		Beta:   attribute(c.Node, "beta", 0.75),
	})
	return [][]float32{channelsFirst(y, x.Dims)}, nil
}

// tensors are an optimizer's operands of a kind, behind rate and step.
func tensors(c *onnxtest.Case, kind, kinds int) (all [][]float32) {
	n := (len(c.Inputs) - 2) / kinds
	for _, x := range c.Inputs[2+kind*n : 2+(kind+1)*n] {
		all = append(all, clone(x.Floats))
	}
	return all
}

// onnxAdam runs Adam, for whose step 0 ONNX corrects no bias. The data of the case
// whose node has no epsilon, adam_multiple, were made with 1e-2.
func onnxAdam(e *kernels.Engine, c *onnxtest.Case) ([][]float32, error) {
	n, rate, step := c.Node, c.Inputs[0].Floats[0], c.Inputs[1].Ints[0]
	beta1, beta2 := attribute(n, "alpha", 0.9), attribute(n, "beta", 0.999)
	if step == 0 {
		step = 1
		rate = float32(float64(rate) * (1 - float64(beta1)) / math.Sqrt(1-float64(beta2)))
	}
	x, g, v, h := tensors(c, 0, 4), tensors(c, 1, 4), tensors(c, 2, 4), tensors(c, 3, 4)
	for i := range x {
		e.Axpy(attribute(n, "norm_coefficient", 0), x[i], g[i])
		e.Adam(x[i], v[i], h[i], g[i], rate, beta1, beta2, attribute(n, "epsilon", 1e-2), step)
		e.Scale(x[i], 1-attribute(n, "norm_coefficient_post", 0))
	}
	return slices.Concat(x, v, h), nil
}

// onnxMomentum runs SGD with momentum. ONNX multiplies by the rate when it takes
// a step, Keras when it adds to the velocity, which has the other sign.
func onnxMomentum(e *kernels.Engine, c *onnxtest.Case) ([][]float32, error) {
	n, rate, step := c.Node, c.Inputs[0].Floats[0], c.Inputs[1].Ints[0]
	momentum, damping := attribute(n, "alpha", 0), float32(1)
	if step > 0 {
		damping = attribute(n, "beta", 0)
	}
	move := e.SGD
	if n.Text["mode"] == "nesterov" {
		if damping != 1 {
			return nil, fmt.Errorf("Nesterov's momentum with a damped gradient")
		}
		move = e.Nesterov
	}
	x, g, v := tensors(c, 0, 3), tensors(c, 1, 3), tensors(c, 2, 3)
	for i := range x {
		e.Axpy(attribute(n, "norm_coefficient", 0), x[i], g[i])
		e.Scale(v[i], -rate)
		move(x[i], v[i], g[i], rate*damping, momentum)
		e.Scale(v[i], -1/rate)
	}
	return slices.Concat(x, v), nil
}

// onnxCrossEntropy runs the loss row by row, without the rows to be ignored.
func onnxCrossEntropy(e *kernels.Engine, c *onnxtest.Case) ([][]float32, error) {
	if len(c.Inputs) > 2 {
		return nil, fmt.Errorf("weights of the classes")
	}
	dims, labels := c.Inputs[0].Dims, c.Inputs[1].Ints
	x := channelsLast(c.Inputs[0].Floats, dims)
	cols, ignored := dims[1], c.Node.Ints["ignore_index"]
	losses, sum, rows := make([]float32, len(labels)), 0.0, 0
	for i, label := range labels {
		if slices.Contains(ignored, label) {
			continue
		}
		loss, _ := e.CrossEntropy(nil, x[i*cols:(i+1)*cols], []uint8{uint8(label)}, cols)
		losses[i] = float32(loss)
		sum += loss
		rows++
	}
	switch c.Node.Text["reduction"] {
	case "sum":
		losses = []float32{float32(sum)}
	case "mean", "":
		losses = []float32{float32(sum / float64(rows))}
	}
	all := [][]float32{losses}
	if len(c.Outputs) > 1 {
		y := make([]float32, len(x))
		e.LogSoftmax(y, x, cols)
		all = append(all, channelsFirst(y, dims))
	}
	return all, nil
}
