package micro

import "github.com/simdconv/simdconv/asm"

// ChannelArgs are the operands of a kernel over rows of channels.
type ChannelArgs = asm.ChannelArgs

// A ChannelOp names a kernel over rows of channels. Operands are those of
// ChannelArgs.
type ChannelOp uint8

// The kernels that treat every element on its own, with the numbers of its
// channel. Every operation is rounded: all tiers give the same bits.
const (
	OpAddBias              ChannelOp = iota // Y = Y + Shift
	OpNormalize                             // Y = (X-Mean)*Scale + Shift
	OpNormalizeReLU                         // and 0 where that is negative
	OpNormalizeReLUMask                     // Mask tells where Y > 0
	OpNormalizeAdd                          // Y = (X-Mean)*Scale + Shift + Z
	OpNormalizeAddReLU                      // and 0 where that is negative
	OpNormalizeAddReLUMask                  // Mask tells where Y > 0
	OpPropagate                             // Y = Scale * (DY - Shift - (X-Mean)*Slope)
	OpPropagateMask                         // DY is 0 where Mask is clear
	OpPropagateMaskAdd                      // and Z becomes DY

	// Kernels that add up the rows of each channel, one after another. The sums
	// of Moments and Products are in float64, their terms are exact: all tiers
	// give the same bits.

	OpSumRows      // Shift += DY
	OpMoments      // d = X-Mean rounded to float32, Sum += d, Prod += d*d
	OpProducts     // Sum += DY, Prod += DY*X
	OpProductsMask // DY is 0 where Mask is clear
)

// columnRun is about how many elements the kernels that add up rows are given at
// a time, of all matrices together: they go over them once for each 16 to 64
// channels, so that 16 KiB stay in the first cache.
const columnRun = 1 << 12

// Channels runs a kernel on a.Rows rows of a.Cols channels, either may be 0, in
// calls that are short enough for assembly. It changes a's offsets and sizes.
// Results may be operands themselves, and must not overlap them otherwise.
func (b *Bundle) Channels(op ChannelOp, a *ChannelArgs) {
	run := MaxVector
	switch {
	case op >= OpProducts:
		run = columnRun / 2
	case op >= OpSumRows:
		run = columnRun
	}
	rows, cols := a.Rows, a.Cols
	off, pOff, sOff, mOff := a.Off, a.POff, a.SOff, a.MOff
	for c := 0; c < cols; c += a.Cols {
		a.Cols = min(cols-c, MaxVector)
		a.POff, a.SOff = pOff+c, sOff+c
		most := max(1, run/a.Cols)
		for r := 0; r < rows; r += most {
			a.Rows = min(rows-r, most)
			a.Off, a.MOff = off+r*a.LD+c, mOff+r*a.MLD+c/8
			channels(b.Tier, op, a)
		}
	}
}

// MaskWords is the length in bytes of the bits of a row of cols channels: whole
// words of 16 bits.
func MaskWords(cols int) int { return (cols + 15) / 16 * 2 }
