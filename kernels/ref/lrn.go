package ref

import "math"

// LRN says how [LocalResponse] normalises.
type LRN struct {
	Radius            int
	Bias, Alpha, Beta float64
}

// LocalResponse divides every value by what its neighbours among the channels
// amount to (Krizhevsky et al., "ImageNet classification with deep
// convolutional neural networks", NIPS 2012, section 3.3): in each row of cols
// channels
//
//	d[c] = Bias + Alpha * sum of x[j]^2 over j from c-Radius to c+Radius, within the row
//	y[c] = x[c] / d[c]^Beta
func LocalResponse[T Float](p LRN, y, x []T, cols int) {
	checkLen("y", y, len(x))
	checkRows("x", x, cols)
	for i := 0; i < len(x); i += cols {
		row := x[i : i+cols]
		for c, v := range row {
			y[i+c] = v / T(math.Pow(denominator(p, row, c), p.Beta))
		}
	}
}

// LocalResponseBackward computes the gradient of [LocalResponse]:
//
//	dx[c] = dy[c]/d[c]^Beta - 2*Alpha*Beta*x[c] * sum of dy[j]*x[j]/d[j]^(Beta+1) over the same j
func LocalResponseBackward[T Float](p LRN, dx, dy, x []T, cols int) {
	checkLen("dx", dx, len(x))
	checkLen("dy", dy, len(x))
	checkRows("x", x, cols)
	for i := 0; i < len(x); i += cols {
		row := x[i : i+cols]
		for c, v := range row {
			var sum T
			for j := max(0, c-p.Radius); j <= min(cols-1, c+p.Radius); j++ {
				sum += dy[i+j] * row[j] / T(math.Pow(denominator(p, row, j), p.Beta+1))
			}
			dx[i+c] = dy[i+c]/T(math.Pow(denominator(p, row, c), p.Beta)) - T(2*p.Alpha*p.Beta)*v*sum
		}
	}
}

func denominator[T Float](p LRN, row []T, c int) float64 {
	var sum T
	for j := max(0, c-p.Radius); j <= min(len(row)-1, c+p.Radius); j++ {
		sum += row[j] * row[j]
	}
	return p.Bias + p.Alpha*float64(sum)
}
