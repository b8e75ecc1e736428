package ref

// Dropout computes y = x / (1-rate) where keep is set and 0 elsewhere, so that
// the expected value of y is x when elements are kept with probability 1-rate.
// The gradient is the same function of dy with the same mask.
//
// N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
// overfitting", JMLR 15 (2014), in the inverted form of section 10.
func Dropout[T Float](y, x []T, keep []bool, rate T) {
	checkLen("y", y, len(x))
	checkLen("keep", keep, len(x))
	scale := 1 / (1 - rate)
	for i, v := range x {
		y[i] = 0
		if keep[i] {
			y[i] = v * scale
		}
	}
}
