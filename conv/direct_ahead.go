package conv

import "github.com/simdconv/simdconv/kernels/micro"

// Input gradients with gaps, as those of a 1x1 filter with stride 2, write more than
// they compute: tiles ask for the lines of the next row of results, with the zeros
// that belong to it, and for its pixels. 56x56x64 to 128 by 1x1 with 32 images takes
// 0.7 of the time, 28x28x128 to 256 0.85 to 0.9. Rows of another task are left to it:
// lines that two cores ask for took 1.5 times the time.

// gapsInCache is the bytes of dy and dx from which tiles beside gaps ask for the next.
const gapsInCache = 2 << 20

// endOf is where the results of a strip, counted through the batch, end: its row, as
// strips go by rows.
func (sw *sweep) endOf(line int) int {
	s := sw.strips[line%len(sw.strips)]
	return line/len(sw.strips)*sw.outImage + (sw.row(s)+1)*sw.outRow
}

// next is where the given one of the calls of a strip asks for results: its share of
// the row of results after the line, which starts at out.
func (g *region) next(line strip, out, call, calls int) int {
	at := line.first*calls + (line.last-line.first)*call
	return out + g.outRow + g.outRow*at/(g.cols*calls)
}

// tileAhead is calls for one segment, a tile that asks for the results at next and, if
// it is the first of those that read the same pixels, for the pixels that follow.
func (ws *Workspace) tileAhead(tile *micro.TileArgs, rows int, segs []micro.Segment, next int, first bool) {
	b := ws.job.sweep.bundle
	tile.AOff += segs[0].A
	tile.BOff += segs[0].B
	tile.P, tile.POff, tile.LDB, tile.AheadA = tile.C, next, b.NR, 0
	if first {
		tile.AheadA = rows * tile.LDA
	}
	tile.Flags, tile.Segs = ws.job.flags, segs
	b.Panel(rows, tile)
}
