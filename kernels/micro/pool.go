package micro

import "github.com/simdconv/simdconv/asm"

// PoolArgs are the operands of a pooling kernel.
type PoolArgs = asm.PoolArgs

// A PoolOp names a pooling kernel.
type PoolOp uint8

// The pooling kernels. All tiers give the same bits.
const (
	OpMax                PoolOp = iota // Y = maximum of the window, NaN if it has one
	OpMaxArg                           // and Arg = the number of the first tap that has it
	OpMaxBackward                      // Y = sum of the elements that have the tap's number in Arg
	OpAverage                          // Y = sum of the window / Count, row by row
	OpAverageAdd                       // Y = (Y + sum of the window) / Count
	OpAverageBackward                  // Y = sum of the window's elements / Count
	OpAverageBackwardAdd               // Y = Y + sum of the window's elements / Count
)

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
	window := a.Rows*a.Cols + poolMostly
	pixels, channels, y, x := a.Pixels, a.C, a.YOff, a.XOff
	tier := b.Tier
	if tier == AVX2 && op == OpMaxBackward && channels < arg8Tail {
		tier = Generic // the kernel reads 8 bytes of Arg at least
	}
	most := max(poolLanes, poolRun/window/poolLanes*poolLanes)
	for c := 0; c < channels; c += a.C {
		a.C = min(channels-c, most)
		run := max(1, poolRun/(window*a.C))
		for p := 0; p < pixels; p += run {
			a.Pixels = min(pixels-p, run)
			a.YOff, a.XOff = y+p*a.YStep+c, x+p*a.XStep+c
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
