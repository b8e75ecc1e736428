// Package kernels offers the operations that convolutional networks are made
// of, on plain slices of float32: matrix products, element-wise and row
// operations, and converters between layouts.
//
// The heart is the matrix product, C = alpha*op(A)*op(B) + beta*C. It is five
// loops around a tile of C that never leaves the registers, each loop there to
// keep one operand in one level of the memory:
//
//	for each block of NC columns of B and C               1
//	    for each block of KC steps                        2   a block of B -> L3
//	        for each block of MC rows of A and C          3   a block of A -> L2
//	            for each panel of NR columns              4   a panel of B -> L2, L1
//	                for each tile of MR rows              5
//	                    for each step k                       the tile: registers
//	                        tile += A[rows, k] * B[k, columns]
//
//	                              NC
//	                  B  k x n  +--+--+--+
//	                         KC |  |NR|  |  a panel is NR columns wide and KC
//	                            |  |  |  |  steps long, its steps side by side
//	                            +--+--+--+
//	                  KC           ||
//	 A  m x k     +--------+       vv       C  m x n
//	           MC |  MR    | ===> +--+      the tile, MR x NR: every step adds
//	              +--------+      +--+      the outer product of MR numbers of A
//	              |        |                and NR numbers of B
//	              +--------+
//
// A step of the tile reads MR + NR numbers and does MR*NR multiply-adds: 14 x 32
// with AVX-512, 6 x 16 with AVX2, as many as there are registers for. That is
// what lets memory keep up. The loops around it see to it that these numbers come
// from a cache: each number of B is used by MC/MR tiles while its panel is in L2
// or L1, each of A by NC/NR panels while its block is in L2.
//
// Copying B to panels makes a tile read B from one end to the other, but for few
// rows of A it would take as long as the product. So nobody packs: the first tile
// of a panel reads B where it lies and stores what it has read, for the tiles
// after it. Two of these prefetch the next panel into L2, unless its rows crowd
// into few sets. (B is packed beforehand if it is transposed or alpha is not 1. Where
// A, B and C are small all tiles read B in place, and nothing is stored.) Rows of A
// are read in place; they are copied only if A is transposed or if they lie a
// multiple of 4 KiB apart, which is one place in L1 for all of them, and a tile has
// more rows than that place holds: 14 of AVX-512, not 6 of AVX2. Up to four rows of A
// need no tile: whole rows of B are added to those of C, as fast as memory delivers
// them. Small products, and with AVX2 those whose B fits L1 or L2 beside A and C, leave
// all of B in place: its tiles find it in a cache anyway. [Engine.PackB] keeps the
// panels of a B that is used again and again.
//
// The innermost loop is one call of assembly, chosen once by the tier of the
// [Engine]: AVX-512, AVX2 with FMA, or portable Go. (A result of at most 16 columns
// takes AVX2's tile with AVX-512, too, unless B was packed before; so do the last ones
// of a small product.) The environment
// variable SIMDCONV_ISA caps the tier of the process, [Options] sets it for an
// engine.
// Threads share out a grid of tiles and panels before the first loop, and nothing
// after it. The structure is that of Goto and van de Geijn (ACM TOMS 34(3), 2008)
// as arranged by BLIS (Van Zee and van de Geijn, ACM TOMS 41(3), 2015).
//
// # What there is
//
//   - [Engine.Gemm], and [Engine.GemmEpilogue] with scale, bias, residual and
//     activation in the same pass: a dense layer, or a 1x1 convolution. The
//     same with B packed before: [Engine.PackB], [Engine.RepackB], [Engine.GemmPacked]
//     and [Engine.GemmPackedEpilogue]; and strided batches: [Engine.GemmBatch].
//   - Vectors: Fill, Scale, Axpy, Add, Mul, ReLU, LeakyReLU, Exp, Sigmoid and
//     Tanh with their gradients, Dropout, Finite, Nrm2, and the optimizers SGD, Nesterov, RMSprop,
//     Adam and AdamW.
//   - Rows: AddBias and its gradient SumRows, Softmax, LogSoftmax, CrossEntropy, which
//     contains a softmax, and LocalResponse with its gradient.
//   - Layouts: [NCHWToNHWC] and [OIHWToHWIO], with their inverses: transpositions in
//     registers, a square of 16 x 16 or 8 x 8 numbers at a time.
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
