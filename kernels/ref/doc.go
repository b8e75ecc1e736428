// Package ref says what the kernels compute, in plain loops.
//
// Every fast kernel of this module is tested against the function of the same
// name here. Nothing is optimised: indices are spelled out, one file holds one
// operation, and a student who reads a function should come away knowing the
// formula. All functions are generic over float32 and float64, so that the same
// code gives the exact small case, the rounding of a plain float32 loop, and
// the float64 value against which errors are stated.
//
// Arrays are flat and row-major, the last index running fastest:
//
//	activations  x[n][h][w][c]    x[((n*H+h)*W+w)*C+c]           NHWC
//	weights      w[r][s][c][k]    w[((r*S+s)*C/groups+c)*K+k]    HWIO
//	dense        w[i][o]          w[i*out+o]
//
// A convolution slides an R x S window over the image. Output pixel (p, q) of
// channel k adds up the window's taps, each the product of an input pixel and a
// weight, over all input channels:
//
//	   x, H x W x C               w, R x S x C, for one k      y, one channel
//	+---+---+---+---+              +-----+-----+
//	|###|###|   |   |              | w00 | w01 |                +---+---+---+
//	+---+---+---+---+       *      +-----+-----+        =       | y |   |   |
//	|###|###|   |   |              | w10 | w11 |                +---+---+---+
//	+---+---+---+---+              +-----+-----+                |   |   |   |
//	|   |   |   |   |                                           +---+---+---+
//	+---+---+---+---+
//
//	y[p][q][k] = sum over r, s, c of  x[p+r][q+s][c] * w[r][s][c][k]
//
// (what signal processing calls a cross-correlation). Taps in the padding are
// skipped, not multiplied by zero, so they contribute nothing even where a
// weight is infinite.
//
// Gradients are those of a scalar loss L and are named after what they belong
// to: dy is dL/dy. Every function overwrites its outputs, is safe for concurrent
// use on different outputs, and panics if a slice does not have exactly the
// length that the sizes ask for.
package ref
