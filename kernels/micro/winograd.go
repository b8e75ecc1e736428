package micro

import "github.com/simdconv/simdconv/asm"

// PlanesArgs and PixelsArgs are package asm's: see its documentation for what
// the transforms compute.
type (
	PlanesArgs = asm.PlanesArgs
	PixelsArgs = asm.PixelsArgs
)

// MaxWinograd is the most channels of one transform.
const MaxWinograd = asm.MaxWinograd

// WinogradInput transforms a tile of pixels into tile x tile planes, for tile 4
// (F(2,3)), 6 (F(4,3) and F(3,4)) or 8 (F(6,3)). Like the other transforms it reads and
// writes planes in whole vectors of at most 16 channels.
func (b *Bundle) WinogradInput(tile int, a *PlanesArgs) { winogradInput(b.Tier, tile, tile, a) }

// WinogradFilter transforms taps x taps of a filter into tile x tile planes:
// taps is 3, or 4 with tile 6.
func (b *Bundle) WinogradFilter(taps, tile int, a *PlanesArgs) {
	winogradFilter(b.Tier, taps, tile, a)
}

// WinogradOutput transforms planes back into a tile of out x out pixels: out is
// 2 for tile 4, 4 or 3 for tile 6, 6 for tile 8.
func (b *Bundle) WinogradOutput(tile, out int, a *PixelsArgs) {
	winogradOutput(b.Tier, tile, out, a)
}
