// Package kerneltest holds what the tests of kernels share: buffers that
// catch stray reads and writes, inputs whose results are exact, and
// comparisons that say what differs. Only tests import it.
//
// A kernel in assembly has no bounds checks, so [Guarded] gives it buffers that
// end where the address space does. Every access past the guarded edge is a
// fault at once, reads included:
//
//	            atEnd                             not atEnd
//	+---------+-----------+---------+   +---------+-----------+---------+
//	| no      |     |dst  | no      |   | no      |dst  |     | no      |
//	| access  |  #  |[0:n]| access  |   | access  |[0:n]|  #  | access  |
//	+---------+-----------+---------+   +---------+-----------+---------+
//	              flush -^                        ^- flush
//
// The slack marked # is filled with a pattern that is checked when the test
// ends, so that a stray write on the other side is found as well. [Canary] does
// the same for both sides at once, without pages, and for writes only.
//
// Inputs from [FillInts] are small integers: products and sums of them are
// exact in float32 whatever the order, so a kernel must agree with its
// reference bit for bit ([Equal]). Inputs from [FillUniform] exercise rounding,
// and their results are held to a bound against float64 ([Close]).
//
// The usual test of a kernel has exact inputs and guards both edges:
//
//	for _, atEnd := range []bool{true, false} {
//		x, y := Guarded(t, n, atEnd), Guarded(t, n, atEnd)
//		FillInts(x, 1, 8)
//		kernel(y, x)
//		ref.Kernel(want, x)
//		Equal(t, "kernel", y, want)
//	}
package kerneltest
