// Package kernels offers the operations that convolutional networks are made
// of, on plain slices of float32: matrix products, element-wise and row
// operations, and converters between layouts.
//
// The heart is the matrix product, C = alpha*op(A)*op(B) + beta*C. It is five
// loops around a tile of C that never leaves the registers, each loop there to
// keep one operand in one level of the memory:
//
//	            B  k x n                      for each block of NC columns
//	          +---------+-----+                 for each block of KC steps
//	          |         |     |                   pack the block of B       -> L2
//	          +---------+-----+                   for each MR rows, shared
//	          | KC x NC |     |                   out among threads, A      -> L1
//	          +---------+-----+                     for each panel of NR columns
//	 A  m x k   |||  panels of NR columns             for each step k
//	+---+----+  vvv                                     tile += A[:,k]*B[k,:]
//	|   |    | +-------------+
//	+---+----+ |+--+         |
//	|MR |    | ||  | MR x NR |  C  m x n: the tile, one vector register for
//	+---+----+ |+--+         |  every 8 or 16 of its columns in every row
//	|   |    | |             |
//	+---+----+ +-------------+
//
// The two innermost loops are one call of assembly, chosen once by the tier of
// the [Engine]: AVX-512, AVX2 with FMA, or portable Go. The environment variable
// SIMDCONV_ISA caps the tier of the process, [Options] sets it for an engine.
// The structure is that of Goto and van de Geijn (ACM TOMS 34(3), 2008) as
// arranged by BLIS (Van Zee and van de Geijn, ACM TOMS 41(3), 2015).
//
// # What there is
//
//   - [Engine.Gemm], and [Engine.GemmEpilogue] with scale, bias, residual and
//     activation in the same pass: a dense layer, or a 1x1 convolution.
//   - Vectors: Fill, Scale, Axpy, Add, Mul, ReLU, LeakyReLU, Exp, Sigmoid and
//     Tanh with their gradients, Dropout, Finite, and the optimizers SGD, Nesterov, RMSprop,
//     Adam and AdamW.
//   - Rows: AddBias and its gradient SumRows, Softmax, LogSoftmax, and CrossEntropy, which
//     contains a softmax.
//   - Layouts: [NCHWToNHWC] and [OIHWToHWIO], with their inverses.
//
// # Rules
//
// Matrices are row-major. Activations are NHWC, so that a row is a pixel or an
// example and AddBias adds one value for each channel; dense weights are [in,
// out].
//
// An engine may be used by any number of goroutines at once, as long as what one
// call writes no other touches. Calls do not allocate, except when more of them
// run at once, or on larger data, than ever before: their scratch memory is kept
// for later ones. Work of less than about 20 microseconds stays on
// the caller, more is shared out among the threads of the engine's pool.
//
// Functions panic with a constant string, before they write anything, if a
// length is wrong or if operands overlap in a way that they do not allow.
//
// The same input gives the same bits whatever the number of threads, and on
// AVX2 and AVX-512: threads share results, not sums, or sums at places that only
// the shape decides. The portable tier rounds products that the others fuse, so
// that its matrix products differ in the last bits.
package kernels
