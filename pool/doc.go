// Package pool is max and average pooling of NHWC activations, forward and
// backward.
//
// A window slides over each channel on its own and leaves one number per
// position. There are no weights, and the number of channels stays.
//
//	x: 3x3, padding 1 (dots)         max, 2x2 window, stride 3
//
//	┌───────┐   ┌───────┐
//	│ .   . │ . │ .   . │            y
//	│ .  10 │ 0 │ 0   . │            ┌────────┐
//	└───────┘   └───────┘   ──────►  │ 10   0 │
//	  .   0  10   0   .              │  0  10 │
//	┌───────┐   ┌───────┐            └────────┘
//	│ .   0 │ 0 │10   . │
//	│ .   . │ . │ .   . │            O = (3 + 2*1 - 2)/3 + 1 = 2
//	└───────┘   └───────┘
//
// Forward walks rows of y. A pixel is C contiguous floats, and all loops over
// channels are innermost:
//
//	y[n][p][q][:] = op over taps (r, s) of x[n][p*stride+r-top][q*stride+s-left][:]
//
// Backward walks rows of dx and gathers: each pixel looks up the few windows
// that cover it, and takes from each what is its own. So dx is completed pixel
// by pixel, without clearing it before, and rows need no coordination.
//
//	   dx pixel                 windows over it        takes
//	┌───┬───┬───┐               ┌───────┐
//	│   │   │   │  covered by   │ A ┌───┼───┐     max:     dy where argmax
//	├───┼───┼───┤  ─────────►   │   │ x │   │              names x's tap
//	│   │ x │   │               └───┼───┘ B │     average: dy / count
//	└───┴───┴───┘                   └───────┘
//
// Outputs of a row whose windows have the same taps inside the image, and pixels a
// stride apart that are covered alike, are one run: one call of a kernel that
// keeps a block of channels in registers while it goes over the window. Backward
// with a stride of 2 takes pixels two by two: one that two columns of windows cover
// and its neighbour that the last of them covers, so that dy and argmax are read
// once for both. Averages are divided first, a row of dy at a time.
//
// Padding takes no part: the maximum is over pixels of the image only, and so
// is the average unless [Shape.CountPadding] is set. NaN wins a maximum. [Shape.Ceil]
// rounds the number of outputs up.
//
// A result has the same bits whatever the number of threads and the tier. One of
// 16 MiB or more is written past the caches.
package pool
