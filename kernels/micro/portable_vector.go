package micro

import "math"

// portableVector is Bundle.Vector in plain Go.
func portableVector(op VectorOp, a *VectorArgs) {
	at := func(x []float32) []float32 {
		if x == nil {
			return nil
		}
		return x[a.Off : a.Off+a.N]
	}
	switch op {
	case OpWindow:
		window(a)
		return
	case OpSoftmax:
		softmax(a)
		return
	}
	if op >= OpExp {
		portableFunction(op, a, at(a.X0), at(a.X1))
		return
	}
	x0, x1, x2, x3, x4 := at(a.X0), at(a.X1), at(a.X2), at(a.X3), at(a.X4)
	switch op {
	case OpFill:
		for i := range x0 {
			x0[i] = a.S0
		}
	case OpScale:
		scale(x0, a.S0)
	case OpAxpy:
		axpy(a.S0, x1, x0)
	case OpAdd:
		add(x0, x1, x2)
	case OpMul:
		mul(x0, x1, x2)
	case OpReLU:
		relu(x0, x1)
	case OpReLUBackward:
		reluBackward(x0, x1, x2)
	case OpLeakyReLU:
		leakyReLU(x0, x1, a.S0)
	case OpLeakyReLUBackward:
		leakyReLUBackward(x0, x1, x2, a.S0)
	case OpSigmoidBackward:
		sigmoidBackward(x0, x1, x2)
	case OpTanhBackward:
		tanhBackward(x0, x1, x2)
	case OpQuotient:
		for i, v := range x1 {
			x0[i] = v / a.S0
		}
	case OpOffset:
		for i, v := range x1 {
			x0[i] = v - a.S0 - a.S1
		}
	case OpPower:
		for i, v := range x1 {
			x0[i] = v * powerThreeQuarters(x2[i], a.S0)
		}
	case OpPowerTerms:
		for i, v := range x1 {
			d := x3[i]
			v *= powerThreeQuarters(d, a.S0)
			x0[i], x3[i] = v, float32(v*x2[i])/d
		}
	case OpSubProduct:
		for i, v := range x1 {
			x0[i] -= float32(float32(a.S0*v) * x2[i])
		}
	default:
		portableStep(op, a, x0, x1, x2, x3, x4)
	}
}

func window(a *VectorArgs) {
	y := a.X0[a.Off : a.Off+a.N]
	for i := range y {
		w := a.X1[a.Off+i-2:][:5]
		sum := w[0] + w[1] + w[2] + w[3] + w[4]
		y[i] = a.S0 + float32(a.S1*sum)
	}
}

// powerThreeQuarters returns s / v^(3/4).
func powerThreeQuarters(v, s float32) float32 {
	r := root(v)
	return s / float32(r*root(r))
}

func root(v float32) float32 { return float32(math.Sqrt(float64(v))) }

func scale(y []float32, alpha float32) {
	for i := range y {
		y[i] *= alpha
	}
}

// The conversions round products before sums: without them some builds fuse
// the two and give other bits.

func axpy(alpha float32, x, y []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += float32(alpha * x[i])
	}
}

func add(y, a, b []float32) {
	a, b = a[:len(y)], b[:len(y)]
	for i := range y {
		y[i] = a[i] + b[i]
	}
}

func mul(y, a, b []float32) {
	a, b = a[:len(y)], b[:len(y)]
	for i := range y {
		y[i] = a[i] * b[i]
	}
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

func leakyReLU(y, x []float32, alpha float32) {
	x = x[:len(y)]
	for i := range y {
		v := math.Float32bits(x[i])
		w := math.Float32bits(alpha * x[i])
		if v-leastNegative <= minusInf-leastNegative {
			v = w
		}
		y[i] = math.Float32frombits(v)
	}
}

func leakyReLUBackward(dx, dy, y []float32, alpha float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		d := math.Float32bits(dy[i])
		w := math.Float32bits(alpha * dy[i])
		if math.Float32bits(y[i])-leastPositive > plusInf-leastPositive {
			d = w
		}
		dx[i] = math.Float32frombits(d)
	}
}

func sigmoidBackward(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		dx[i] = float32(dy[i]*y[i]) * (1 - y[i])
	}
}

func tanhBackward(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		dx[i] = dy[i] * (1 - float32(y[i]*y[i]))
	}
}
