package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// A winogradAxis is how the outputs of one axis are cut into near-equal tiles, the
// longer ones first. The point at infinity is in the last output of a whole tile
// alone, so that shorter tiles leave its planes out: 14 outputs are 4+4+3+3, of
// 6+6+5+5 points, and 7 are 4+3. That is 484 planes of tiles instead of 576 for a
// map of 14x14, with the same U.
type winogradAxis struct {
	outputs, tiles int
	whole          int // tiles of all outputs
}

func newWinogradAxis(outputs, out int) winogradAxis {
	n := ceilDiv(outputs, out)
	return winogradAxis{outputs, n, max(0, outputs-n*(out-1))}
}

// first is the first output of a tile.
func (a *winogradAxis) first(tile int) int {
	first, _ := parallel.Share(a.outputs, a.tiles, tile)
	return first
}

// size is the outputs of a tile.
func (a *winogradAxis) size(tile int) int {
	first, last := parallel.Share(a.outputs, a.tiles, tile)
	return last - first
}

// points is the points of all tiles of tile points.
func (a *winogradAxis) points(tile int) int { return a.tiles*(tile-1) + a.whole }

// winogradGroup is the tiles of images that are sorted together: their x and y stay
// in the last level of cache.
const winogradGroup = 112

// setOrder sorts the tiles of a group of images, so that those with a plane of
// infinity follow each other:
//
//	              narrow   whole   whole   narrow   columns
//	              whole    whole   short   short    rows
//	last row     |--------------|
//	last column           |---------------|
func (g *winogradGrid) setOrder() {
	g.tiles = g.images * g.rows.tiles * g.cols.tiles
	g.group = ceilDiv(g.images, max(1, ceilDiv(g.tiles, winogradGroup)))
}

// place returns where tile t of all images is: its image, row and column of tiles.
func (g *winogradGrid) place(t int) (image, row, col int) {
	h, w := &g.rows, &g.cols
	perGroup := g.group * h.tiles * w.tiles
	first := t / perGroup * g.group
	t %= perGroup
	images := min(g.group, g.images-first)
	for kind := range 4 {
		row, col = 0, 0
		rows, cols := h.whole, w.whole
		if kind >= 2 {
			row, rows = h.whole, h.tiles-h.whole
		}
		if kind%3 == 0 {
			col, cols = w.whole, w.tiles-w.whole
		}
		if n := images * rows * cols; t >= n {
			t -= n
			continue
		}
		first += t / (rows * cols)
		t %= rows * cols
		return first, row + t/cols, col + t%cols
	}
	panic("unreachable")
}

// A tileRange is some tiles of a block.
type tileRange struct{ from, to int }

// The planes by their points: of a finite row and column, of infinity's row, of its
// column, and of both.
const (
	lastRow = 1 << iota
	lastCol
	planeKinds
)

// kind returns which of these a plane is.
func (m winograd) kind(plane int) (k int) {
	if plane/m.tile() == m.out+1 {
		k |= lastRow
	}
	if plane%m.tile() == m.out+1 {
		k |= lastCol
	}
	return k
}

// ranges returns the tiles from first to last that have planes of each kind, counted
// from the first, and those between them.
func (g *winogradGrid) ranges(first, last int) (r [4]tileRange) {
	if g.rows.whole == g.rows.tiles && g.cols.whole == g.cols.tiles {
		return [4]tileRange{{0, last - first}, {0, last - first}, {0, last - first}, {0, last - first}}
	}
	for t := first; t < last; t++ {
		_, row, col := g.place(t)
		for k := range r {
			if k&lastRow != 0 && row >= g.rows.whole || k&lastCol != 0 && col >= g.cols.whole {
				continue
			}
			if r[k].to == 0 {
				r[k].from = t - first
			}
			r[k].to = t - first + 1
		}
	}
	return r
}

// groupsOfBlock is the most groups of images that a block of the reduction of weight
// gradients has tiles of: but for the last, none has fewer than 56 tiles.
const groupsOfBlock = 3

// segments lists the tiles from first to last that have planes of a kind, as steps of
// a reduction, counted from the first. Those that are not needed have no steps.
func (g *winogradGrid) segments(first, last, kind int) (segs [groupsOfBlock]micro.Segment) {
	n := 0
	h, w := &g.rows, &g.cols
	perGroup := g.group * h.tiles * w.tiles
	for group := first / perGroup; group*perGroup < last; group++ {
		images := min(g.group, g.images-group*g.group)
		from, to := group*perGroup, group*perGroup+images*h.tiles*w.tiles
		if kind&lastRow != 0 {
			to -= images * (h.tiles - h.whole) * w.tiles
		}
		if kind&lastCol != 0 {
			from += images * h.whole * (w.tiles - w.whole)
			if kind&lastRow == 0 {
				to -= images * (h.tiles - h.whole) * (w.tiles - w.whole)
			}
		}
		from, to = max(from, first)-first, min(to, last)-first
		switch {
		case from >= to:
		case n > 0 && segs[n-1].A == (from-segs[n-1].K)*gradientBlock:
			segs[n-1].K += to - from
		default:
			segs[n] = micro.Segment{A: from * gradientBlock, B: from * gradientBlock, K: to - from}
			n++
		}
	}
	return segs
}

// blockSegments returns the i-th of lists that segments made.
func blockSegments(all []micro.Segment, i int) []micro.Segment {
	segs := all[i*groupsOfBlock : (i+1)*groupsOfBlock]
	for n := range segs {
		if segs[n].K == 0 {
			return segs[:n]
		}
	}
	return segs
}
