// Package geometry describes how a window slides over an image.
//
// Convolution and pooling share it: both lay an R x S window on an H x W
// input, move it by a stride, and produce one output per position. The package
// knows nothing of channels, batches or values; it answers which positions
// exist and which input pixel each tap of the window touches.
//
// Each side of the image is an [Axis] of its own. Here the input has L = 5
// pixels, the window F = 3 taps, the stride is 2, and one padded pixel stands
// on each side:
//
//	     before |        L = 5        | after
//	       +---++---+---+---+---+---++---+
//	       | . || 0 | 1 | 2 | 3 | 4 || . |
//	       +---++---+---+---+---+---++---+
//	o = 0  [ 0    1   2 ]                     taps 1 and 2 touch pixels 0, 1
//	o = 1           [ 0   1   2 ]             taps 0 to 2 touch pixels 1 to 3
//	o = 2                   [ 0   1    2 ]    taps 0 and 1 touch pixels 3, 4
//
// The number of positions is
//
//	O = (L + before + after - F') / stride + 1,  F' = (F-1)*dilation + 1
//
// rounded down, which for equal padding P on both sides and dilation 1 is the
// textbook's O = (L + 2P - F)/S + 1. Tap f of output o touches pixel
//
//	i = o*stride + f*dilation - before
//
// which lies in the padding when i < 0 or i >= L. Padded taps contribute
// nothing anywhere in this module. Instead of filling a border with zeros a
// kernel asks which taps are inside ([Axis.Taps]), or, turned around, which
// outputs have a given tap inside ([Axis.Outputs]).
//
// A [Window] is two axes. [Window.Check] is the one place where sizes are
// validated; everything after it is arithmetic that cannot overflow.
package geometry
