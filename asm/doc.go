// Package asm holds the assembly kernels of simdconv and what Go needs to call
// them: stubs, argument structs and a manifest, all written by ../gen. It
// decides nothing: which tier runs, how work is cut into tiles and whether
// arguments are valid is settled above, in kernels/micro and its callers.
//
//	           B: K steps x NR columns, 2 vectors wide
//	          +---------------+
//	          | b[k][0..NR-1] |  one row of it per step
//	          +---------------+
//	  A       +---------------+
//	+---+     |               |
//	|   | x   | MR x NR sums  |  in registers from the first step to the last
//	+---+     |               |
//	 MR rows  +---------------+  C
//
// # The kernel contract
//
// A tile kernel takes one pointer to a [TileArgs] and nothing else. It computes
//
//	C[i,j] = act(Scale[j] * (Beta*C[i,j] + sum A*B) + Bias[j] + Residual[i,j])
//
// for the rows in its name and for Cols columns. Parts are switched by Flags.
//
//   - Layout. Row i of A starts LDA elements after row i-1. In the Rows form
//     step k is the k-th element of the row, and B is a packed panel: step k is
//     the NR elements from k*NR, zeros past the last column. In the Outer form
//     step k is LDA further on, row i is the i-th element there, and step k of B
//     is LDB further on.
//   - Panels. The Fused and Panel forms are Rows for one segment, whose offsets
//     they ignore. Fused reads B in place, step k at k*LDB, and writes it to P as
//     the packed panel that Panel and Rows read, unless P is nil. When it does it
//     prefetches AheadB beyond each step of B; Panel AheadA beyond each row of A, unless that is 0, and, for every
//     four steps, two of P, LDB apart: wherever that is.
//   - Few rows. A Gemv kernel takes a [TileArgs], too, for a fixed number of rows
//     and steps and any number of columns; B is in place, and of the flags only
//     FlagLoad counts. A Transpose kernel takes a [TransposeArgs]: a strip of rows,
//     at most one vector of them, becomes columns. TransposeAt takes 16 rows at the
//     places in From, at least 4 columns, and their results' places in To; if Stream
//     is not 0 all of these start on 64 bytes, and a Fence follows. TransposeWide takes
//     a multiple of 16 rows, LDS apart, at least 4 columns, and these places. JoinColors and
//     SplitColors take it for three rows and three columns: planes of colors become
//     pixels, and back.
//   - Order. Each result is one chain of fused multiply-adds in the order of
//     Segs, then of k, from zero or from Beta*C. So a reduction may be cut
//     between any two steps, and every tier gives the same bits.
//   - Split sums. If Steps is not 0, Rows and Panel sum as many steps in blocks of
//     Segs[0].K, the one segment, whose offsets are 0: each block but the first
//     starts at zero, and is added to the sum of those before. C keeps that in between,
//     in rows of NR: what lies behind Cols is lost. Residual is not C then.
//   - Tails. There is a kernel for every number of rows up to MR, and masks for
//     columns: a kernel reads and writes exactly its operands, and the caller
//     needs no scalar code. Packed panels are read NR wide, by Rows one vector wide
//     where that is all of Cols. K of a segment is at least 1; Segs may be empty.
//   - Prefetch. The tile of C at Next is prefetched and may lie outside C; Panel and Rows
//     of enough steps ask for their own rows of C instead, and for some below them; with
//     AVX-512 and FlagLoad Panel asks for those at Next. Rows asks for B, and Outer for
//     A and B, but for AVX2's ragged tiles, some steps ahead, wherever that is.
//   - Streaming. With FlagStream Rows stores tiles of NR columns past the caches, if
//     all their rows start on 64 bytes, and prefetches none of C; a Fence follows.
//   - Alignment. None is required. Panels that start on 64 bytes are faster.
//   - Aliasing. C must not overlap A, B, Scale, Bias or Residual, except that
//     Residual may be C itself.
//   - Work. The steps of all segments, or Steps, are at most the tier's MaxSteps constant,
//     which keeps a call within [MaxFLOP] and [MaxBytes]: Go cannot preempt
//     assembly, so a long call would hold up every collection.
//   - Registers. BP, R14 and R15 are not touched; there is no stack frame;
//     VZEROUPPER comes before every RET; an AVX2 kernel uses no register that
//     only AVX-512 has. The generator refuses a kernel that breaks this.
//   - Checks. None. Bad arguments read or write memory they should not.
//
// # Depthwise kernels
//
// Convolutions whose channels do not mix take a [TileArgs] too, read otherwise:
// lanes are channels, Cols of them, as many as there are.
//
//	Depthwise       C[i,j] = act(Scale[j] * (Beta*C[i,j] + sum A[s.A+i*LDA+j] * B[s.B+j]) + Bias[j] + Residual[i,j])
//	DepthwiseOuter  C[j]   = Beta*C[j] + sum A[s.A+k*LDA+j] * B[s.B+k*LDB+j]
//
// A segment is a tap of up to [DepthwiseRows] pixels i, or, in the Outer form,
// K pixels of one tap. C must not overlap any operand. The caller keeps a call
// within [MaxBytes].
//
// # Element-wise kernels
//
// A Vector kernel takes one pointer to a [VectorArgs] and treats elements Off to
// Off+N-1 of its operands, at most [MaxVector], each on its own:
//
//	X0  ----[ 4 vectors a turn ]----[ 1 vector ]----[ masked ]
//
// Window also reads two elements before and after those, and X0 must not be X1.
// Every operation is rounded, sums and products apart, so that plain Go gives
// the same bits, except in functions (Exp, Sigmoid, Tanh, Share, ExpSum, ExpStore,
// Softmax), which fuse the two in the same way in every tier. Reductions leave 16
// numbers in X4, whatever Off is; Softmax, which treats Rows rows of N elements from
// Off on, together at most [MaxVector], changes 8 numbers of X4 for each. A result may be an operand itself; otherwise operands must not
// overlap. What the contract above says of tails, alignment, registers and
// checks holds here and below, too.
//
// # Streaming stores
//
// Where Stream of the arguments is not 0, Vector, Channel, Pool and Dropout kernels
// store results that are no operands past the caches, in turns of several vectors, if the
// result, or that of the row or pixel, begins on a line of 64 bytes. Lines are then
// written without having been read. Bits are the same. A Fence kernel must follow
// before anyone else is told of the results. WinogradFilter does so for three taps
// with AVX-512, if the first plane begins on a line and planes are whole lines apart,
// and WinogradOutput for whole vectors, if the row's first pixel does and pixels are;
// other kernels ignore it.
//
// # Prefetch
//
// A Prefetch kernel takes one pointer to a [PrefetchArgs] and asks for the lines of
// Rows rows of N elements, LD apart, together at most [MaxBytes]. It reads and writes
// nothing: rows may lie anywhere.
//
// # Kernels over channels
//
// A Channel kernel takes one pointer to a [ChannelArgs]: Rows rows of Cols
// channels, LD apart, and numbers or sums with one element for each channel.
//
//	numbers, sums  [ c0 c1 c2 ... ]        kernels over rows go row by row,
//	               [ x  x  x      ]        kernels over columns down all rows
//	     Rows      [ x  x  x      ]        for some channels at a time, whose
//	               [ x  x  x      ]        sums stay in registers
//
// Rows and Cols are at least 1, and Rows*Cols at most [MaxVector], or Rows is 1.
// Sums are read and written for Cols rounded up to 16. Kernels with a mask read or
// write one bit for each channel, in whole bytes for every 8 of them begun or, to
// read and write with AVX-512, for every 16. Rows and MOff are used as counters.
// Moments and Products prefetch, with AVX2, as many rows as follow those of the
// call, wherever that is.
//
// # Winograd's transforms
//
// WinogradInput and WinogradFilter kernels take a [PlanesArgs], WinogradOutput
// kernels a [PixelsArgs]; the sizes of a tile before and after are in the name.
// They work on N channels side by side, a vector of them at a time. In the planes
// the values of a tile lie Plane elements apart, row by row.
//
//   - Matrices. Those of F(2x2,3x3), F(4x4,3x3), F(3x3,4x4) and F(6x6,3x3) with the
//     points 0, 1, -1 and 0, 5/8, -5/8, 3/2, -3/2 and 0, 1, -1, 2, -2, 1/2, -1/2, each
//     with infinity: see kernels/micro. Columns are transformed before rows. Both tiers give the same bits.
//   - Tails. Pixels, taps, Scale, Bias and Residual are read, and pixels written,
//     for N channels exactly. Planes are read and written in whole vectors: what
//     lies between N and the next multiple of the vector's lanes is the kernel's.
//   - Edges. Input kernels read a whole tile: padding is the caller's. Output
//     kernels write Rows x Cols pixels of their tile.
//   - Aliasing. The result must overlap no operand.
//   - Work. N is at most [MaxWinograd]. All else is as above.
//
// # Pooling kernels
//
// A Pool kernel takes one pointer to a [PoolArgs] and computes Pixels results of C
// channels from windows of Rows x Cols pixels, a block of channels at a time:
//
//	for each pixel
//	  for each block of channels          results in registers
//	    for each row of the window
//	      for each column                 number of the tap += TapCol
//	      number of the tap += TapRow
//
// Going backward a window is the outputs that cover one input pixel: steps are
// those between outputs, and numbers of taps go down. Arg has one byte for each
// element of Y going forward and of X going backward; a result's tap is the low
// byte of its number. PoolMaxBackwardAVX2 reads 8 bytes of Arg at a time, also
// those that end with the last channel, so that 8 bytes must precede its end. No
// call reads more than [MaxBytes]. Pixels may be used as a counter. Averages prefetch,
// with AVX2, as many channels as follow a block of each pixel, wherever that is, and
// Max, MaxArg and Average the first lines of pages ahead of the first two rows.
//
// A Pool kernel for pairs computes two neighbouring results at a time, A and B,
// YStep apart by pairs and ColStep within them, from windows of as many rows and
// columns as its name says: A from all, B from the last column with numbers one
// higher than those of A. Windows are RowStep and ColStep apart, and from pair to
// pair XStep, which is ColStep.
//
// A Pool kernel for rows, Row in its name, goes over one row of X, or Both of two
// RowStep apart, for windows three columns wide and two apart, C being a multiple of
// 32, XStep 2*C, ColStep and YStep C, and asks for the first lines of pages ahead,
// wherever that is. First starts the results of the rows so far in Part, C apart from
// POff on, and their taps in PartArg; Last and Both write Y and Arg and start Part and
// PartArg anew from their last row, with Tap 0. Bytes of PartArg are in an order of
// each tier's own. Maxima have NaN become other than 0 where a NaN was read, and are
// then of no use.
//
// # Dropout
//
// A Dropout kernel takes one pointer to a [DropoutArgs] and makes the random
// numbers of N elements, a multiple of [DropoutRun] from 1 to [MaxVector], while
// it goes along: Philox4x32-10, a block of four numbers in each 64-bit lane. Y may
// be X. Keys is room for the kernel's own use.
package asm
