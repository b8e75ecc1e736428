package ref

import "math"

// Nrm2 returns the Euclidean norm of x.
func Nrm2[T Float](x []T) T {
	var sum T
	for _, v := range x {
		sum += v * v
	}
	return T(math.Sqrt(float64(sum)))
}
