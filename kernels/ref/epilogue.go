package ref

// Epilogue finishes a sum in place,
//
//	y = act(scale*y + bias + residual)
//
// in that order. The scale and the bias have one element per channel, the last
// index of y; the residual has the shape of y. Those that are nil are left out.
// The activation is [ReLU] if relu is set and nothing otherwise.
func Epilogue[T Float](y, scale, bias, residual []T, relu bool) {
	if residual != nil {
		checkLen("residual", residual, len(y))
	}
	for i := range y {
		if scale != nil {
			y[i] *= scale[i%len(scale)]
		}
		if bias != nil {
			y[i] += bias[i%len(bias)]
		}
		if residual != nil {
			y[i] += residual[i]
		}
	}
	if relu {
		ReLU(y, y)
	}
}
