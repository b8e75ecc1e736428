package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// winogradTask is one block of tiles all the way, and a part of the output
// channels. Parts of a block each transform its input: for few blocks that is
// cheaper than waiting for one another.
type winogradTask Workspace

func (t *winogradTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	g, w := &ws.job.grid, &ws.workers[worker]
	first, last := parallel.Share(g.tiles, ws.job.blocks, i/ws.job.parts)
	from, to := parallel.Share(g.panels(), ws.job.parts, i%ws.job.parts)
	v, own := w.scratch[:g.planes()*g.planeV], w.scratch[g.planes()*g.planeV:]
	m, border := own[:g.planes()*g.planeM], own[g.planes()*g.planeM:]
	w.input.n, w.output.n = 0, 0
	if g.fetchRows > 0 {
		if next := i + ws.job.threads; ws.job.parts == 1 && next < ws.job.blocks {
			from, to := parallel.Share(g.tiles, ws.job.blocks, next)
			g.fetchInput(&w.input, from, to)
		}
		if g.stream == 0 {
			g.fetchOutput(&w.output, first, last)
		}
	}
	ws.transform(g, g.tile(), v, ws.job.x, border, first, last, first, micro.MaxWinograd)
	for panels := g.chunk / g.nr; from < to; from += panels {
		ws.winogradChunk(w, v, m, first, last, from, min(from+panels, to))
	}
}

// winogradInputTask transforms some tiles of the block that all threads work on.
type winogradInputTask Workspace

func (t *winogradInputTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	j, g := &ws.job, &ws.job.grid
	border := ws.workers[worker].scratch[g.planes()*g.planeM:]
	first := j.first + i*winogradTiles
	ws.transform(g, g.tile(), ws.shared, j.x, border, first, min(first+winogradTiles, j.last), j.first, micro.MaxWinograd)
}

// winogradOutputTask is a part of that block's output channels.
type winogradOutputTask Workspace

func (t *winogradOutputTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	j, g, w := &ws.job, &ws.job.grid, &ws.workers[worker]
	from, to := parallel.Share(g.panels(), j.parts, i)
	m, u := w.scratch[:g.planes()*g.planeM], w.scratch[g.planes()*g.planeM:]
	if !g.late {
		ws.winogradChunk(w, ws.shared, m, j.first, j.last, from, to)
		return
	}
	for n := 0; from < to; from += n {
		n = min(g.chunk/g.nr, to-from)
		for k := range n {
			g.pack(ws.plan.bundle, j.packed.pass, u[k*g.red*g.nr:], j.packed.w, from+k)
		}
		ws.winogradProducts(w, u, ws.shared, m, g.ranges(j.first, j.last), from, n)
		ws.winogradOutput(m, j.first, j.last, from*g.nr, min(n*g.nr, g.results-from*g.nr))
	}
}

// winogradChunk computes some panels of output channels of tiles first to last,
// from V to y.
func (ws *Workspace) winogradChunk(w *worker, v, m []float32, first, last, from, to int) {
	g := &ws.job.grid
	ws.winogradProducts(w, ws.job.packed.data[from*g.red*g.nr:], v, m, g.ranges(first, last), from, to-from)
	ws.winogradOutput(m, first, last, from*g.nr, min((to-from)*g.nr, g.results-from*g.nr))
}

// transform sets v to the planes of tiles first to last of src, size pixels wide:
// tile base comes first in v, and blocks of g.ldv channels lie block apart. Inputs
// of the forward pass are as wide as the planes, gradients of backward weights are
// transformed like filters, which have no tap beyond their tile.
func (ws *Workspace) transform(g *winogradGrid, size int, v, src, border []float32, first, last, base, block int) {
	b, tile := ws.plan.bundle, g.tile()
	most := min(g.ldv, micro.MaxWinograd)
	a := micro.PlanesArgs{V: v, Plane: g.planeV}
	for t := first; t < last; t++ {
		image, row, col := g.place(t)
		ih, iw := g.rows.first(row)-g.top, g.cols.first(col)-g.left
		rows, cols, taps := size, size, size
		if size < tile {
			rows, cols = g.rows.size(row), g.cols.size(col)
			taps = max(rows, cols, 3)
		}
		if rows == taps && cols == taps && ih >= 0 && ih+taps <= g.inH && iw >= 0 && iw+taps <= g.inW {
			a.X, a.XRow, a.XCol = src, g.inW*g.red, g.red
			a.XOff = ((image*g.inH+ih)*g.inW + iw) * g.red
		} else {
			g.copyBorder(border, src, taps, image, ih, iw, rows, cols)
			a.X, a.XRow, a.XCol, a.XOff = border, taps*g.red, g.red, 0
		}
		a.VOff = (t - base) * g.ldv
		for c := 0; c < g.red; c += a.N {
			a.N = min(most, g.red-c)
			if size == tile {
				b.WinogradInput(tile, &a)
			} else {
				b.WinogradFilter(taps, tile, &a)
			}
			a.XOff += a.N
			a.VOff += block
		}
	}
}

// copyBorder copies rows x cols pixels from (ih, iw) on into size x size, with zeros
// for the others and for those outside the image.
func (g *winogradGrid) copyBorder(dst, src []float32, size, image, ih, iw, rows, cols int) {
	line := size * g.red
	lo := min(max(0, -iw), cols)
	hi := max(min(cols, g.inW-iw), lo)
	for i := range size {
		row := dst[i*line : (i+1)*line]
		if i >= rows || ih+i < 0 || ih+i >= g.inH || lo == hi {
			clear(row)
			continue
		}
		clear(row[:lo*g.red])
		copy(row[lo*g.red:hi*g.red], src[((image*g.inH+ih+i)*g.inW+iw+lo)*g.red:])
		clear(row[hi*g.red:])
	}
}

// winogradProducts sets m to v times the n panels of U at u, of which the given one
// is the first, plane by plane; a call does all blocks of the reduction if it may.
// Tiles may ask for the next panel of U and, in the last panel, for the next plane of
// V: the processor foresees neither. That makes 512 channels, whose U is beyond the
// caches, 13 to 23% faster, single blocks 1 to 5% and, of two threads, 5 to 11%.
func (ws *Workspace) winogradProducts(w *worker, u, v, m []float32, ranges [4]tileRange, panel, n int) {
	g, b, a := &ws.job.grid, ws.plan.bundle, &w.tile
	w.segs = w.segs[:1]
	a.A, a.B, a.C, a.Residual, a.P, a.Segs = v, u, m, m, u, w.segs
	a.LDA, a.LDB, a.LDC, a.LDR = g.ldv, g.nr, g.ldm, g.ldm
	w.segs[0] = micro.Segment{K: min(winogradSplit, g.red)}
	steps := g.red // of a call
	if a.Steps = steps; steps > b.MaxSteps {
		steps, a.Steps = winogradSplit, 0
	}
	fetch := 0 // calls that may have asked for pixels
	for plane := range g.planes() {
		tiles := ranges[g.kind(plane)]
		parts := ceilDiv(tiles.to-tiles.from, b.MR)
		ahead := g.ahead && parts > 1 // a tile asks for half a block of U
		for i := range n {
			a.Flags, a.AheadA, a.Cols = 0, 0, g.nr
			if 2*(g.results-(panel+i)*g.nr) <= g.nr {
				a.Cols = g.nr / 2 // a vector: the tile leaves the other one out
			}
			if g.ahead && i == n-1 {
				a.AheadA = g.aheadV(plane)
			}
			for c := 0; c < g.red; c += steps {
				if a.Steps == 0 {
					w.segs[0].K = min(steps, g.red-c)
				}
				a.BOff = plane*g.planeU + (i*g.red+c)*g.nr
				later := a.BOff + steps*g.nr
				if i == n-1 && c+steps >= g.red {
					later = g.laterU(plane, n, &ranges)
				}
				for part := range parts {
					from, to := parallel.Share(tiles.to-tiles.from, parts, part)
					from, to = tiles.from+from, tiles.from+to
					a.AOff = plane*g.planeV + from*g.ldv + c
					a.COff = plane*g.planeM + from*g.ldm + i*g.nr
					a.ROff = a.COff
					a.Next = a.COff + (to-from)*g.ldm
					if g.late && c == 0 {
						ws.fetchFilters(panel+i, n, plane*parts+part, g.planes()*parts)
					}
					switch {
					case ahead:
						a.POff = later + part%2*(steps/2*g.nr)
						b.Panel(to-from, a)
					case g.fetchRows > 0 && ws.fetchPixels(w, fetch, panel, n):
						b.Panel(to-from, a)
					default:
						b.Rows(to-from, a)
					}
					fetch++
				}
				a.Flags = micro.FlagResidual
			}
		}
	}
	w.input.n = 0
}

// laterU is where U goes on after a plane of n panels: in the next plane that the
// block has, or in the first one of the next chunk.
func (g *winogradGrid) laterU(plane, n int, ranges *[4]tileRange) int {
	for plane++; plane < g.planes(); plane++ {
		if r := ranges[g.kind(plane)]; r.from < r.to {
			return plane * g.planeU
		}
	}
	return n * g.red * g.nr
}

// aheadV is how far the plane of V after the given one is: the first follows the
// last.
func (g *winogradGrid) aheadV(plane int) int {
	if plane == g.planes()-1 {
		return -plane * g.planeV
	}
	return g.planeV
}

// winogradOutput transforms m back: n output channels from k of tiles first to
// last.
func (ws *Workspace) winogradOutput(m []float32, first, last, k, n int) {
	g := &ws.job.grid
	a := micro.PixelsArgs{
		M: m, Y: ws.job.y, Scale: ws.job.ep.Scale, Bias: ws.job.ep.Bias, Residual: ws.job.ep.Residual,
		COff: k, YRow: g.outW * g.results, YCol: g.results, Plane: g.planeM, N: n, Flags: ws.job.flags, Stream: g.stream,
	}
	for t := first; t < last; t++ {
		image, row, col := g.place(t)
		a.Rows, a.Cols = g.rows.size(row), g.cols.size(col)
		a.MOff = (t - first) * g.ldm
		a.YOff = ((image*g.outH+g.rows.first(row))*g.outW+g.cols.first(col))*g.results + k
		ws.plan.bundle.WinogradOutput(g.tile(), g.out, &a)
	}
	ws.plan.bundle.Fence(g.stream)
}
