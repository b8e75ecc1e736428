// Package bn is batch normalisation of NHWC activations: training, inference
// and the backward pass.
//
// Each channel is normalised over all its m = N*H*W pixels, then scaled and
// shifted by two learned numbers:
//
//	y = gamma * xhat + beta,   xhat = (x - mean) / sqrt(variance + epsilon)
//
// In training mean and variance are those of the batch (the biased variance,
// divided by m, as in Keras), and moving averages of them are kept; inference
// uses the averages. S. Ioffe and C. Szegedy, "Batch Normalization", ICML 2015,
// algorithms 1 and 2.
//
//	         x, m pixels of C channels
//	         C ─►
//	       ┌─────────┐
//	   m   │ chunk 0 │ ──► mean 0, M2 0 ─┐      M2: sum of squared distances
//	   │   ├─────────┤                   │          from the chunk's mean
//	   ▼   │ chunk 1 │ ──► mean 1, M2 1 ─┼─► mean, variance ─► y = (x-mean)*scale + shift
//	  512  ├─────────┤                   │    merged in              second read of x
//	pixels │ chunk 2 │ ──► mean 2, M2 2 ─┘    index order
//	each   └─────────┘
//	        first read of x
//
// # Numbers
//
// The sum of squares minus the square of the sum, in float32, loses all digits
// of the variance once the mean is some hundred times the deviation. Here a
// chunk subtracts its first pixel from the others in float32, which leaves numbers
// of the size of the deviation, and adds up in float64; chunks are merged by the
// formula of T. Chan, G. Golub and R. LeVeque ("Algorithms for computing the
// sample variance", The American Statistician 37, 1983, equation 2.1). The
// variance is never negative and its error is that of rounding the result to
// float32, for a mean of 1000 deviations as for one of 1.
//
// Chunks are 512 pixels by definition, and blocks of channels are independent,
// so results have the same bits whatever the number of threads. Below 16 channels
// the pixels of a chunk are dealt out in turn to as many sums as make 33 to 64
// columns. Products are exact or rounded before they are added, also where the
// processor could fuse the two: every tier has the bits of plain Go.
//
// # Fused
//
// [Plan.TrainFused] adds a residual and takes the maximum with zero while y is
// still in registers, and keeps one bit of each element for
// [Plan.BackwardFused]. What passes over memory, in multiples of x:
//
//	                     apart                            fused
//	forward   bn 3, add 3, ReLU 2             8   2 reads, residual, y     4
//	backward  ReLU 3, bn 5                    8   dy and x twice, dx       5
//	                                              and dres, if wanted      6
//
// Results of 16 MiB or more are written past the caches, if they are no operands,
// so that their lines are not read before.
//
// A NaN or an infinity in x makes its channel NaN in training; other channels
// do not notice.
package bn
