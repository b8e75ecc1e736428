package micro

import "github.com/simdconv/simdconv/asm"

// PoolArgs are the operands of a pooling kernel.
type PoolArgs = asm.PoolArgs

// A PoolOp names a pooling kernel.
type PoolOp uint8

// The pooling kernels. All tiers give the same bits.
const (
	OpMax         PoolOp = iota // Y = maximum of the window, NaN if it has one
	OpMaxArg                    // and Arg = the number of the first tap that has it
	OpMaxBackward               // Y = sum of the elements that have the tap's number in Arg
	OpAverage                   // Y = sum of the window / Count, row by row
	OpAverageAdd                // Y = (Y + sum of the window) / Count
	OpSum                       // Y = sum of the window's elements

	// Two pixels at a time, ColStep apart in Y: what OpMaxBackward and OpSum give
	// for windows of Rows x Cols, and then for the last column of the same, with
	// numbers one higher. Rows and Cols are those of the name, XStep is ColStep
	// and YStep twice that.

	OpMaxBackwardPair1x1
	OpMaxBackwardPair1x2
	OpMaxBackwardPair2x1
	OpMaxBackwardPair2x2
	OpSumPair1x1
	OpSumPair1x2
	OpSumPair2x1
	OpSumPair2x2

	// One or two rows of windows of three columns, two apart: XStep is twice ColStep,
	// and ColStep and YStep are C. The first row starts Part, and the last, or the last
	// two, RowStep apart, leave Y and start the next windows. If a row of maxima has a
	// NaN, NaN becomes other than 0 and results are of no use.

	OpMaxRowFirst
	OpMaxArgRowFirst // Tap is the number of the row's first tap
	OpAverageRowFirst
	OpMaxRowLast
	OpMaxArgRowLast // numbers in Part count from 0
	OpAverageRowLast
	OpMaxRowBoth
	OpMaxArgRowBoth // numbers of the second row are 3 higher
	OpAverageRowBoth
)

const rowKinds = OpMaxRowLast - OpMaxRowFirst // kernels of each step

// A RowOps is what rows of windows go through: First unless the windows before
// left Part, then Last or Both.
type RowOps struct{ First, Last, Both PoolOp }

// RowOpsOf returns the kernels for rows that together do what op does: OpMax,
// OpMaxArg or OpAverage.
func RowOpsOf(op PoolOp) RowOps {
	kind := PoolOp(0)
	switch op {
	case OpMaxArg:
		kind = 1
	case OpAverage:
		kind = 2
	}
	return RowOps{OpMaxRowFirst + kind, OpMaxRowLast + kind, OpMaxRowBoth + kind}
}

// HasRows says whether there are kernels for rows of windows of c channels.
func (b *Bundle) HasRows(c int) bool {
	return b.Tier != Generic && c%rowBlock == 0 && c <= rowChannels
}

const (
	rowBlock    = 32      // channels that a kernel for rows computes at a time
	rowChannels = 1 << 12 // so that a call has many windows
)

// PairOp returns the kernel for pairs that does what op does, OpMaxBackward or
// OpSum, for windows of rows x cols, 1 or 2 each.
func PairOp(op PoolOp, rows, cols int) PoolOp {
	first := OpSumPair1x1
	if op == OpMaxBackward {
		first = OpMaxBackwardPair1x1
	}
	return first + PoolOp(2*(rows-1)+cols-1)
}

// single is what a kernel for pairs does for each of them.
func (op PoolOp) single() PoolOp {
	if op < OpSumPair1x1 {
		return OpMaxBackward
	}
	return OpSum
}

const (
	poolRun    = asm.MaxBytes / 8 // elements that one call reads, about
	poolLanes  = 16               // channels are divided at multiples of it
	arg8Tail   = 8                // bytes of Arg that AVX2 reads at a time
	poolMostly = 2                // elements of a pixel besides its window's
)

// Pool runs a kernel in calls that are short enough for assembly. It changes a's
// offsets and sizes. Y must not overlap X.
func (b *Bundle) Pool(op PoolOp, a *PoolArgs) {
	switch {
	case op == OpAverage && a.Rows > 1 && a.Rows*a.Cols*a.C > poolRun:
		b.poolRows(a)
		return
	case a.Rows*a.Cols > poolRun/poolLanes-poolMostly:
		portablePool(op, a)
		return
	}
	window := a.Rows*a.Cols + poolMostly // and a pair's second pixel is as much as a tap's number
	pixels, channels, y, x, part := a.Pixels, a.C, a.YOff, a.XOff, a.POff
	tier := b.Tier
	if tier == AVX2 && channels < arg8Tail && (op == OpMaxBackward || OpMaxBackwardPair1x1 <= op && op <= OpMaxBackwardPair2x2) {
		tier = Generic // the kernel reads 8 bytes of Arg at least
	}
	most := max(poolLanes, poolRun/window/poolLanes*poolLanes)
	for c := 0; c < channels; c += a.C {
		a.C = min(channels-c, most)
		run := max(1, poolRun/(window*a.C))
		for p := 0; p < pixels; p += run {
			a.Pixels = min(pixels-p, run)
			a.YOff, a.XOff, a.POff = y+p*a.YStep+c, x+p*a.XStep+c, part+p*a.C
			pool(tier, op, a)
		}
	}
}

// poolRows is Pool for the windows of an average that are too large for one
// call: it divides them into some rows at a time, so that memory is read in order.
func (b *Bundle) poolRows(a *PoolArgs) {
	whole := *a
	most := max(1, poolRun/(a.Cols*a.C))
	for p := range whole.Pixels {
		for r := 0; r < whole.Rows; r += most {
			*a = whole
			a.Pixels, a.Rows = 1, min(whole.Rows-r, most)
			a.YOff += p * a.YStep
			a.XOff += p*a.XStep + r*a.RowStep
			if r+a.Rows < whole.Rows {
				a.Count = 1
			}
			op := OpAverage
			if r > 0 {
				op = OpAverageAdd
			}
			b.Pool(op, a)
		}
	}
}
