package micro

import "math"

// portableFunction is portableVector for functions and reductions. It computes
// in float64 and rounds once.
func portableFunction(op VectorOp, a *VectorArgs, y, x []float32) {
	switch op {
	case OpExp:
		for i, v := range x {
			y[i] = float32(math.Exp(float64(v)))
		}
	case OpSigmoid:
		for i, v := range x {
			y[i] = float32(1 / (1 + math.Exp(-float64(v))))
		}
	case OpTanh:
		for i, v := range x {
			y[i] = float32(math.Tanh(float64(v)))
		}
	case OpShare:
		for i, v := range x {
			y[i] = v / a.S0
		}
	case OpFinite:
		a.Found = notFinite(y)
	case OpLargest:
		top := float32(math.Inf(-1))
		for _, v := range y {
			top = max(top, v)
		}
		for i := range a.X4 {
			a.X4[i] = top
		}
	case OpExpSum, OpExpStore:
		top := float64(a.S0) - float64(a.S3) - float64(a.S4)
		for i, v := range x {
			p := float32(ExpScale * math.Exp(float64(v)-top))
			a.X4[i%len(a.X4)] += p
			if op == OpExpStore {
				y[i] = p
			}
		}
	default:
		panic(badOp)
	}
}

// notFinite returns 1 if x holds a NaN or an infinity.
func notFinite(x []float32) uint32 {
	for _, v := range x {
		if math.Float32bits(v)&plusInf == plusInf {
			return 1
		}
	}
	return 0
}

// softmax is OpSoftmax: the other reductions, row by row.
func softmax(a *VectorArgs) {
	for r := range a.Rows {
		at := a.Off + r*a.N
		y, x := a.X0[at:at+a.N], a.X1[at:at+a.N]
		var lanes [16]float32
		portableFunction(OpLargest, &VectorArgs{X4: lanes[:]}, x, nil)
		top := lanes[0]
		b := ExpArgs(top)
		clear(lanes[:])
		b.X4 = lanes[:]
		portableFunction(OpExpStore, &b, y, x)
		// An infinite maximum leaves no probabilities: its difference to itself is NaN.
		portableFunction(OpShare, &VectorArgs{S0: Fold(&lanes) + (top - top)}, y, y)
	}
}
