package micro

import "github.com/simdconv/simdconv/asm"

// TileArgs, Segment and the flags are package asm's: see its documentation for
// what a tile computes.
type (
	TileArgs = asm.TileArgs
	Segment  = asm.Segment

	TransposeArgs = asm.TransposeArgs
)

// Flags of a tile.
const (
	FlagLoad     = asm.FlagLoad
	FlagScale    = asm.FlagScale
	FlagBias     = asm.FlagBias
	FlagResidual = asm.FlagResidual
	FlagReLU     = asm.FlagReLU
	FlagStream   = asm.FlagStream
)

// A Bundle is one tier's micro-kernels with the sizes that go with them.
type Bundle struct {
	Tier     Tier
	MR, NR   int // rows and columns of the register tile; NR is the width of packed panels
	MaxSteps int // most steps of one call, over all its segments
}

// maxSteps is the same for all tiers, so that what is cut by it is, too.
const maxSteps = min(asm.MaxStepsAVX2, asm.MaxStepsAVX512)

var bundles = [...]Bundle{
	Generic: {Generic, portableMR, portableNR, maxSteps},
	AVX2:    {AVX2, asm.MRAVX2, asm.NRAVX2, maxSteps},
	AVX512:  {AVX512, asm.MRAVX512, asm.NRAVX512, maxSteps},
}

// For returns the bundle of a tier that [Resolve] returned.
func For(t Tier) *Bundle { return &bundles[t] }

const badRows = "micro: tile rows out of range"

// Rows runs a tile of the given rows, 1 to MR, whose A is read along its rows. After
// tiles with FlagStream, Fence has to follow.
func (b *Bundle) Rows(rows int, a *TileArgs) { tileRows(b.Tier, rows, a) }

// Outer runs a tile of the given rows, 1 to MR, whose A is read along its
// columns: each step adds an outer product.
func (b *Bundle) Outer(rows int, a *TileArgs) { tileOuter(b.Tier, rows, a) }

// Fused runs a tile of the given rows, 1 to MR, as Rows does but with B in
// place, LDB apart, and copies B to the panel P, which Rows can read after it, unless P is nil.
// It takes one segment, whose offsets it ignores.
func (b *Bundle) Fused(rows int, a *TileArgs) { tileFused(b.Tier, rows, a) }

// Panel runs a tile of the given rows, 1 to MR, as Rows does, and prefetches B of
// a later panel from P, LDB apart, and, unless AheadA is 0, A of a later tile. It
// takes one segment, whose offsets it ignores.
func (b *Bundle) Panel(rows int, a *TileArgs) { tilePanel(b.Tier, rows, a) }

// GemvRows is the most rows of Gemv.
const GemvRows = 4

// GemvSteps returns how many steps Gemv takes for the given rows: that many, or
// one.
func (b *Bundle) GemvSteps(rows int) int { return gemvSteps[b.Tier][rows-1] }

// Gemv adds steps rows of B, LDB apart, times A to the given rows of C, 1 to
// GemvRows, over any number of columns.
func (b *Bundle) Gemv(rows, steps int, a *TileArgs) { gemv(b.Tier, rows, steps, a) }

// Transpose copies the rows of a strip, at most Lanes, to columns.
func (b *Bundle) Transpose(a *TransposeArgs) { transpose(b.Tier, a) }

// AtRows is the rows of TransposeAt.
const AtRows = 16

// TransposeAt copies AtRows rows, whose places From lists, to columns at the places
// that To lists, at least 4. With Stream, which Fence has to follow, every result must
// start on a line of 64 bytes.
func (b *Bundle) TransposeAt(a *TransposeArgs) { transposeAt(b.Tier, a) }

// TransposeWide copies Rows rows, a multiple of AtRows, to columns at the places that To
// lists, at least 4.
func (b *Bundle) TransposeWide(a *TransposeArgs) { transposeWide(b.Tier, a) }

// JoinColors is the transposition of three planes to pixels: Rows, Width and LDD are
// 3 and Cols, the pixels, a multiple of Lanes.
func (b *Bundle) JoinColors(a *TransposeArgs) { joinColors(b.Tier, a) }

// SplitColors is the inverse of JoinColors: Cols and LDS are 3 and Rows, the pixels,
// as Width, a multiple of Lanes.
func (b *Bundle) SplitColors(a *TransposeArgs) { splitColors(b.Tier, a) }

// Lanes is the most rows of a strip.
func (b *Bundle) Lanes() int { return [...]int{Generic: 8, AVX2: 8, AVX512: 16}[b.Tier] }

// RoofTurns is the longest run of Roof.
const RoofTurns = asm.MaxRoofTurns

// Roof runs n turns, 1 to RoofTurns, of a loop of fused multiply-adds on
// registers alone and returns the floating-point operations done: the rate
// that %peak is measured against.
func (b *Bundle) Roof(n int) (flop int) {
	roofTurns(b.Tier, n)
	return n * [...]int{Generic: portableRoofFLOP, AVX2: asm.RoofFLOPAVX2, AVX512: asm.RoofFLOPAVX512}[b.Tier]
}
