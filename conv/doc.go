// Package conv is convolution of NHWC activations with HWIO weights, forward and
// backward: from a geometry to a plan, and from a plan to passes that allocate
// nothing.
//
//	  Shape, Options                    weights w
//	       |                               |
//	       v                               v
//	+-------------+    NewPacked    +-------------+
//	|    Plan     |---------------->|   Packed    |  w in the order the kernels
//	| immutable:  |                 +-------------+  read it; Pack again when w
//	| an algorithm|   NewWorkspace         |         has changed
//	| for each    |----------+             |
//	| pass        |          v             v
//	+-------------+   +-----------------------------------------+
//	                  | Forward          y      = x * w         |
//	   Workspace: ----| BackwardData     dx     from dy and w   |
//	   one per call   | BackwardWeights  dw, db from dy and x   |
//	   at a time      +-----------------------------------------+
//	                    |           |             |
//	                  im2col      direct      winograd      one of them for a pass
//	                    |           |             |
//	                    v           v             v
//	                  register tiles of MR pixels x NR channels,
//	                  one call of assembly each
//
// Each output is a small dot product,
//
//	y[n,oh,ow,k] = sum x[n, oh*StrideH + r*DilationH - Top, ow*StrideW + s*DilationW - Left, c] * w[r,s,c,k]
//
// over the taps (r,s) that lie in the image and the channels c of k's group, to
// which an [Epilogue] is applied before it is stored. The map has
// O = (L + 2P - F)/S + 1 rows and columns, see package geometry.
//
// # The ladder
//
// Take a 3x3 layer on a 56x56 map with 64 channels in and out: 231 million
// operations on 1.8 MB of operands.
//
// Naive. Seven nested loops, one product at a time. Every number is right, and
// nearly all of the processor is idle: a core can do 32 or 64 operations in the
// time of one such step. This is package ref, what all else is tested against.
//
// [Im2col]. Each output pixel reads a patch of 3x3x64 numbers. Write the patches
// as the rows of a matrix, 3136 x 576, and the weights as a matrix, 576 x 64:
// convolution has become one matrix product, which is the best understood loop
// there is. The price is the copy, nine times the image, made here in blocks
// that stay in L2. Chellapilla, Puri and Simard, High Performance Convolutional
// Neural Networks for Document Processing, IWFHR 2006.
//
// [Direct]. The copy is not needed. In NHWC the channels of a pixel lie side by
// side, so that a register tile of up to 14 neighbouring pixels x 32 output
// channels can run through taps and channels over the image as it lies: a tap is
// just another offset. Taps on padding are left out instead of multiplied by
// zero, by cutting the map into regions whose pixels all use the same taps.
// Backward data is the same over dy, with stride split into combs so that no
// zeros are inserted; backward weights is an outer product for each pixel, on AVX2
// over copies of a band of rows where many channels would crowd each other out of
// L1.
// A depthwise convolution has kernels of its own, whose lanes are channels.
// Georganas et al., Anatomy of High-Performance Deep Learning Convolutions on
// SIMD Architectures, SC 2018.
//
// [Winograd2], [Winograd4], [Winograd6]. Direct is bound by the multiplications,
// so do fewer. F(2x2,3x3) computes 2x2 outputs from a 4x4 tile with 16
// multiplications for each pair of channels instead of 36, F(4x4,3x3) 4x4 outputs
// from a 6x6 tile with 36 instead of 144, F(6x6,3x3) 6x6 from 8x8 with 64 instead
// of 324. The price are additions before and after, other rounding, and weights
// that are 16/9, 4 and 64/9 times as large. Transforms and products go over blocks
// of tiles that stay in L2. They take 3x3 filters with stride 1, forward and
// backward to the data; backward to the weights it is F(3x3,4x4), the gradient of a
// filter as a correlation of x with dy, by Winograd4 alone. Winograd6 rounds so
// much worse that it runs on request only. Lavin and Gray, Fast Algorithms for
// Convolutional Neural Networks, CVPR 2016.
//
// # What Auto does
//
// [NewPlan] asks each algorithm, for each pass, whether it can do it, what it
// would compute and move, and takes the cheapest: the greater of its operations
// at the efficiency it reaches and its bytes at a fixed balance between
// arithmetic and memory. [Options] refuse algorithms by workspace and by error
// bound, or force one. The choice is a function of geometry and options alone,
// never of the processor or the load, as the algorithms differ in rounding;
// [Plan.Explain] prints it with everything that was considered. [Tune] measures
// instead, on request, among algorithms of equal bits.
//
// # Numbers
//
// The same input gives the same bits for any number of threads, and from call to
// call: threads share out results, never a sum.
//
//   - Direct and im2col sum a forward output over (channel block of 128, r, s,
//     channel), as one chain of fused multiply-adds. Their forward results are
//     the same bits, and so are those on AVX2 and AVX-512. Portable Go rounds
//     each product before it adds it, and agrees to rounding.
//   - Backward data by direct sums over (block of 128 of K, r, s, k). Im2col
//     sums over k within a tap and then adds up the taps: other bits.
//   - Backward weights sums over the pixels of the batch in order, by both the
//     same.
//   - Winograd sums each of its products over channels in blocks of 64, backward
//     weights over tiles in near-equal blocks of at most 64, each from zero, and
//     adds up the blocks in order. AVX2 and AVX-512 give the same bits, and others
//     than direct's.
//   - Forward and backward data, an image has the same result alone as in a
//     batch, by the same algorithm: [Options].BatchInvariant makes Auto choose it.
//
// The rms error against exact arithmetic is at most 1.1 times that of plain
// float32 summation in sequence by direct and im2col, and by Winograd2 from 64
// channels on. Winograd4 has at most 2.4 times that error at 64 channels, 1.7 at
// 128 and 1.2 from 256 on, and an rms error of at most 1e-6 of the output's at up
// to 512 channels. With fewer channels both have more, as their transforms do not
// get better: Winograd4 3.1 to 5.3 times at up to 16. Explain gives the bound of a
// plan. On what ReLU lets through and normal weights, the largest multiples
// measured forward, on any tier, are
//
//	channels      1     2     4     9    16    40    64   128   256   300
//	winograd2   1.9   1.7   1.3   1.2   1.0   0.8   0.8   0.6   0.4   0.4
//	winograd4   5.3   5.3   4.0   3.2   3.1   2.3   2.3   1.7   1.2   1.2
//	winograd6  16.0  22.5  22.1  12.2  13.9   9.4   9.6   7.3   4.9   5.0
//
// and Winograd6 has an rms error of at most 4e-6 of the output's.
//
// Padded taps contribute nothing, not even zero times infinity. NaN and Inf
// propagate, and ReLU keeps NaN; Winograd may spread them over the outputs of
// their tile.
//
// # Rules
//
// A plan is immutable and may be used by any number of goroutines. A workspace
// serves one call at a time: a second call on it at the same time gets an error.
// Packed weights may be read by any number of calls, but not while Pack writes
// them.
//
// Plans, workspaces and packed weights allocate when they are made; Pack and the
// passes do not, except that the first gradients of a bias leave a few rows of
// partial sums behind for the later ones. Workspaces and packed weights made in a
// [Room] allocate when they are first used, and again after a larger one was made;
// of the calls that share a Room at the same time, one gets an error, too.
// [Plan.WorkspaceSize] and [Packed.Bytes] say how much there is. Passes and Pack
// check lengths and overlap before they write anything, and return an error that
// names the operand.
package conv
