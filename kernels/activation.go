package kernels

import "math"

// ReLU computes y = max(x, 0). NaN and -0 pass unchanged. y may be x. It
// panics if the lengths differ or the slices overlap partially, like all
// functions of this file.
func (e *Engine) ReLU(y, x []float32) { e.unary(opReLU, y, x) }

// ReLUBackward computes the gradient of [Engine.ReLU] from its output y: dx =
// dy where y > 0, and 0 elsewhere, NaN included. dx may be dy or y.
func (e *Engine) ReLUBackward(dx, dy, y []float32) { e.gradient(opReLUBackward, dx, dy, y) }

// Sigmoid computes y = 1 / (1 + exp(-x)) in float64, rounded once: within 1
// unit in the last place. y may be x.
func (e *Engine) Sigmoid(y, x []float32) { e.unary(opSigmoid, y, x) }

// SigmoidBackward computes dx = (dy * y) * (1 - y) with the output y of
// [Engine.Sigmoid]. dx may be dy or y.
func (e *Engine) SigmoidBackward(dx, dy, y []float32) { e.gradient(opSigmoidBackward, dx, dy, y) }

// Tanh computes y = tanh(x) in float64, rounded once: within 1 unit in the
// last place. y may be x.
func (e *Engine) Tanh(y, x []float32) { e.unary(opTanh, y, x) }

// TanhBackward computes dx = dy * (1 - y*y) with the output y of
// [Engine.Tanh]. dx may be dy or y.
func (e *Engine) TanhBackward(dx, dy, y []float32) { e.gradient(opTanhBackward, dx, dy, y) }

func (e *Engine) unary(op vectorOp, y, x []float32) {
	checkSame(y, x)
	e.vector(&vectorJob{op: op, x: [4][]float32{y, x}})
}

func (e *Engine) gradient(op vectorOp, dx, dy, y []float32) {
	checkSame(dx, dy)
	checkSame(dx, y)
	e.vector(&vectorJob{op: op, x: [4][]float32{dx, dy, y}})
}

// Bit patterns of float32, ordered as unsigned numbers: the positive ones from
// least to +Inf, and the negative ones from least magnitude to -Inf.
const (
	leastPositive = 0x00000001
	plusInf       = 0x7f800000
	leastNegative = 0x80000001
	minusInf      = 0xff800000
)

// relu and reluBackward compare bits, because the compiler turns that into a
// conditional move: a branch on the sign of random data is mispredicted every
// other time.

func relu(y, x []float32) {
	x = x[:len(y)]
	for i := range y {
		v := math.Float32bits(x[i])
		if v-leastNegative <= minusInf-leastNegative {
			v = 0
		}
		y[i] = math.Float32frombits(v)
	}
}

func reluBackward(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		d := math.Float32bits(dy[i])
		if math.Float32bits(y[i])-leastPositive > plusInf-leastPositive {
			d = 0
		}
		dx[i] = math.Float32frombits(d)
	}
}

func sigmoid(y, x []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] = float32(1 / (1 + math.Exp(-float64(x[i]))))
	}
}

func sigmoidBackward(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		dx[i] = float32(dy[i]*y[i]) * (1 - y[i])
	}
}

func tanh(y, x []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] = float32(math.Tanh(float64(x[i])))
	}
}

func tanhBackward(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		dx[i] = dy[i] * (1 - float32(y[i]*y[i]))
	}
}
