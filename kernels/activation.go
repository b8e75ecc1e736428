package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// ReLU computes y = max(x, 0). NaN and -0 pass unchanged. y may be x. It
// panics if the lengths differ or the slices overlap partially, as all
// activations and their gradients do.
func (e *Engine) ReLU(y, x []float32) { e.unary(micro.OpReLU, y, x, 0) }

// ReLUBackward computes the gradient of [Engine.ReLU] from its output y: dx =
// dy where y > 0, and 0 elsewhere, NaN included. dx may be dy or y.
func (e *Engine) ReLUBackward(dx, dy, y []float32) { e.gradient(micro.OpReLUBackward, dx, dy, y, 0) }

// LeakyReLU computes y = x where x >= 0 and alpha*x below. NaN and -0 pass
// unchanged. y may be x.
//
// A. L. Maas, A. Y. Hannun, A. Y. Ng, "Rectifier nonlinearities improve neural
// network acoustic models", ICML 2013.
func (e *Engine) LeakyReLU(y, x []float32, alpha float32) { e.unary(micro.OpLeakyReLU, y, x, alpha) }

// LeakyReLUBackward computes the gradient of [Engine.LeakyReLU] from its output
// y, for alpha > 0: dx = dy where y > 0, and alpha*dy elsewhere, NaN included.
// dx may be dy or y.
func (e *Engine) LeakyReLUBackward(dx, dy, y []float32, alpha float32) {
	e.gradient(micro.OpLeakyReLUBackward, dx, dy, y, alpha)
}

// Exp computes y = exp(x), within 1 unit in the last place, denormal numbers
// among them. y may be x.
func (e *Engine) Exp(y, x []float32) { e.unary(micro.OpExp, y, x, 0) }

// Sigmoid computes y = 1 / (1 + exp(-x)) within 2 units in the last place,
// denormal numbers among them. y may be x.
func (e *Engine) Sigmoid(y, x []float32) { e.unary(micro.OpSigmoid, y, x, 0) }

// SigmoidBackward computes dx = (dy * y) * (1 - y) with the output y of
// [Engine.Sigmoid]. dx may be dy or y.
func (e *Engine) SigmoidBackward(dx, dy, y []float32) {
	e.gradient(micro.OpSigmoidBackward, dx, dy, y, 1)
}

// Tanh computes y = tanh(x) within 2 units in the last place. y may be x.
func (e *Engine) Tanh(y, x []float32) { e.unary(micro.OpTanh, y, x, 0) }

// TanhBackward computes dx = dy * (1 - y*y) with the output y of
// [Engine.Tanh]. dx may be dy or y.
func (e *Engine) TanhBackward(dx, dy, y []float32) { e.gradient(micro.OpTanhBackward, dx, dy, y, 1) }

func (e *Engine) unary(op micro.VectorOp, y, x []float32, s float32) {
	checkSame(y, x)
	e.vector(op, &micro.VectorArgs{X0: y, X1: x, S0: s})
}

func (e *Engine) gradient(op micro.VectorOp, dx, dy, y []float32, s float32) {
	checkSame(dx, dy)
	checkSame(dx, y)
	e.vector(op, &micro.VectorArgs{X0: dx, X1: dy, X2: y, S0: s})
}
