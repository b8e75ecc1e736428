package kernels

import (
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
)

// Nrm2 returns the Euclidean norm of x, sqrt(sum of x[i]^2), as it is needed to
// clip gradients. It runs on the caller's thread.
//
// Squares are exact in float64, in which element i is added to lane i%16 of 16
// sums that are folded as a tree: no square overflows or vanishes, the result is
// within 1 unit in the last place for up to 2^28 elements, and all tiers give the
// same bits. It is 0 for an empty x, NaN if x holds a NaN, and otherwise +Inf if x
// holds an infinity or the norm is above the largest float32.
func (e *Engine) Nrm2(x []float32) float32 {
	var zeros [lanes]float32
	var sums, squares [lanes]float64
	whole := len(x) / lanes
	for _, part := range [...]struct{ off, rows, cols int }{{0, whole, lanes}, {whole * lanes, 1, len(x) % lanes}} {
		e.bundle.Channels(micro.OpMoments, &micro.ChannelArgs{
			X: x, Off: part.off, LD: lanes, Rows: part.rows, Cols: part.cols,
			Mean: zeros[:], Sum: sums[:], Prod: squares[:],
		})
	}
	for half := lanes / 2; half > 0; half /= 2 {
		for i := range half {
			squares[i] += squares[i+half]
		}
	}
	return float32(math.Sqrt(squares[0]))
}
