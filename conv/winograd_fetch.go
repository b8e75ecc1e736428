package conv

import "github.com/simdconv/simdconv/kernels/micro"

// The products of a block of tiles leave memory idle, the transforms wait for it:
// with eight images of 28x28x128 they took 22% of the time, with one 12, of 56x56x64
// 39 and 16. Products therefore ask for the pixels of x that the worker's next block
// reads, and for those of y that this one writes. Where U is beyond L2 tiles do so
// themselves: 4 to 13% faster. Where it is not, that loses up to 10%, and asking
// between tiles gains 4 to 8, which loses 4 of the others.

const (
	// V and M of more channels leave no room for pixels in L2.
	winogradFetchChannels = 128

	winogradFetchU      = 1 << 20 // bytes of U from which tiles ask
	winogradFetchImages = 4 << 20 // of x and y from which there is anything to wait for

	// A tile of 64 steps asks for 32 rows of NR values (AVX-512: 4 KiB), one of
	// fewer for less, of 128 for the next 32, too; between tiles it is half of that.
	fetchRows        = 32
	fetchRowsBetween = 16

	maxWinogradTile = 8

	maxFetches = 200 // of a block each of x and of y: the rest is left to the processor
)

// A fetches is a list of what to ask for: where runs of some rows start.
type fetches struct {
	n  int
	at [maxFetches]int
}

// A reach is what the runs of one row of tiles cover so far.
type reach struct{ from, to int }

// add appends the runs of length run that cover from to to beyond the reach.
func (f *fetches) add(r *reach, from, to, run int) {
	if r.from <= from && from <= r.to {
		from = r.to
	} else {
		r.from = from
	}
	for ; from < to && f.n < maxFetches; from += run {
		f.at[f.n] = from
		f.n++
	}
	r.to = from
}

// fetchInput lists the pixels that tiles first to last read, offsets in x.
func (g *winogradGrid) fetchInput(f *fetches, first, last int) {
	var rows [maxWinogradTile]reach
	f.n = 0
	for t := first; t < last; t++ {
		image, row, col := g.place(t)
		ih, iw := g.rows.first(row)-g.top, g.cols.first(col)-g.left
		from, to := max(iw, 0), min(iw+g.tile(), g.inW)
		for i := range g.tile() {
			if ih+i < 0 || ih+i >= g.inH || from >= to {
				continue
			}
			at := (image*g.inH + ih + i) * g.inW * g.red
			f.add(&rows[i], at+from*g.red, at+to*g.red, g.fetchRows*g.nr)
		}
	}
}

// fetchOutput lists the pixels that tiles first to last write, counted through y.
func (g *winogradGrid) fetchOutput(f *fetches, first, last int) {
	var rows [maxWinogradTile]reach
	f.n = 0
	for t := first; t < last; t++ {
		image, row, col := g.place(t)
		for i := range g.rows.size(row) {
			at := (image*g.outH+g.rows.first(row)+i)*g.outW + g.cols.first(col)
			f.add(&rows[i], at, at+g.cols.size(col), g.fetchRows)
		}
	}
}

// setFetches sets how products ask for pixels, where they do.
func (g *winogradGrid) setFetches(u int, images float64) {
	if g.red > winogradFetchChannels || images <= winogradFetchImages {
		return
	}
	g.fetchRows = fetchRows
	if g.between = u <= winogradFetchU; g.between {
		g.fetchRows = fetchRowsBetween
	}
}

// fetchPixels asks for the i-th run of pixels, of x, then of the given panels of y, if
// there is one. It reports whether the tile that follows is to do so.
func (ws *Workspace) fetchPixels(w *worker, i, panel, panels int) bool {
	g, a := &ws.job.grid, &w.tile
	if i < w.input.n {
		a.P, a.POff, a.LDB = ws.job.x, w.input.at[i], g.nr
	} else {
		i -= w.input.n
		if i >= panels*w.output.n {
			return false
		}
		a.P, a.POff, a.LDB = ws.job.y, w.output.at[i/panels]*g.results+(panel+i%panels)*g.nr, g.results
	}
	if g.between {
		ws.plan.bundle.Prefetch(&micro.PrefetchArgs{X: a.P, Off: a.POff, LD: a.LDB, Rows: g.fetchRows, N: g.nr})
	}
	return !g.between
}
