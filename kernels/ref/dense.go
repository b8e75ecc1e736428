package ref

// DenseForward computes y = x * w + b for rows of in inputs and out outputs:
//
//	y[i][o] = sum over j of x[i][j] * w[j][o] + b[o]
//
// x is rows x in, w is in x out, y is rows x out. b may be nil.
func DenseForward[T Float](rows, in, out int, y, x, w, b []T) {
	checkDense(rows, in, out, y, x, w)
	Gemm(false, false, rows, out, in, 1, x, in, w, out, 0, y, out)
	Epilogue(y, nil, b, nil, false)
}

// DenseBackwardData computes the gradient of the input, dx = dy * w^T.
func DenseBackwardData[T Float](rows, in, out int, dx, dy, w []T) {
	checkDense(rows, in, out, dy, dx, w)
	Gemm(false, true, rows, in, out, 1, dy, out, w, out, 0, dx, in)
}

// DenseBackwardWeights computes the gradients of the weights, dw = x^T * dy,
// and of the bias, the sum of dy over the rows. db may be nil.
func DenseBackwardWeights[T Float](rows, in, out int, dw, db, dy, x []T) {
	checkDense(rows, in, out, dy, x, dw)
	Gemm(true, false, in, out, rows, 1, x, in, dy, out, 0, dw, out)
	if db != nil {
		BiasBackward(db, dy)
	}
}

func checkDense[T Float](rows, in, out int, y, x, w []T) {
	checkLen("x", x, rows*in)
	checkLen("w", w, in*out)
	checkLen("y", y, rows*out)
}
