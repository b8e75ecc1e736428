package conv

// A comb says where the copy of x has tap f of output o: at o*step + f*tap.
// Where windows overlap that is as in the image; where they leave gaps, taps
// follow each other.
type comb struct {
	step, tap int
	extra     int // places of the last output past step
	unit      int // pixels of the image from one place to the next within a window
}

func newComb(stride, dilation, taps int) comb {
	span := (taps-1)*dilation + 1
	if stride >= span {
		return comb{step: taps, tap: 1, unit: dilation}
	}
	return comb{step: stride, tap: dilation, extra: span - stride, unit: 1}
}

// bandRow is the row of the copy of x that tap r of an output row reads. The
// band starts at output row from; both count through the batch.
func (p *Plan) bandRow(o *outer, from, row, r int) int {
	image := row/p.oh - from/p.oh
	return (row-from)*o.rowComb.step + image*o.rowComb.extra + r*o.rowComb.tap
}

// bandCol is the pixel of such a row that tap s of output ow reads.
func (p *Plan) bandCol(o *outer, ow, s int) int {
	at := ow*o.colComb.step + s*o.colComb.tap
	if o.colComb.extra > 0 {
		at -= p.cols.Before // the row is the image's
	}
	return at
}

// bandTask copies one output row of dy, and the rows of x that it is the first
// to read.
type bandTask Workspace

func (t *bandTask) Run(_, i int) {
	ws := (*Workspace)(t)
	j := &ws.job
	if j.outer.copyX {
		ws.copyInputRows(j.first + i)
	}
	if j.outer.copyDY {
		ws.copyOutputRow(j.first + i)
	}
}

// copyOutputRow copies a row of dy to its panels.
func (ws *Workspace) copyOutputRow(row int) {
	p, o := ws.plan, ws.job.outer
	k := p.shape.K
	src := ws.job.dy[row*p.ow*k:][:p.ow*k]
	base := o.xLen() + (row-ws.job.first)*p.ow*o.nr
	for panel := range o.groups * o.panels {
		column := panel % o.panels * o.nr
		n := min(o.nr, o.cols-column)
		dst := ws.shared[base+panel*o.dyPanel(p.ow):][:p.ow*o.nr]
		at := panel/o.panels*o.cols + column
		copyPixels(dst, o.nr, src[at:], k, p.ow, n)
	}
}

// copyInputRows copies the rows of x that an output row reads and none before
// it in the band has read.
func (ws *Workspace) copyInputRows(row int) {
	p, o := ws.plan, ws.job.outer
	s := &p.shape
	image, oh := row/p.oh, row%p.oh
	at := p.bandRow(o, ws.job.first, row, 0)
	first := 0
	if row > ws.job.first && oh > 0 {
		first = o.rowComb.extra
	}
	for i := first; i < o.rowComb.step+o.rowComb.extra; i++ {
		ih := p.rows.In(oh, 0) + i*o.rowComb.unit
		if ih < 0 || ih >= s.H {
			continue
		}
		src := ws.job.x[(image*s.H+ih)*s.W*s.C:][:s.W*s.C]
		if o.fold {
			ws.copyFolded(at+i, src)
		} else {
			ws.copyPanels(at+i, src)
		}
	}
}

// copyFolded copies an image row between zeros.
func (ws *Workspace) copyFolded(at int, src []float32) {
	p, o := ws.plan, ws.job.outer
	c := p.shape.C
	dst := ws.shared[at*o.xCols*c:][:o.xCols*c]
	before := min(len(dst), p.cols.Before*c)
	clear(dst[:before])
	n := copy(dst[before:], src)
	clear(dst[before+n:])
}

// copyPanels copies an image row's channels to the panels of their tiles.
func (ws *Workspace) copyPanels(at int, src []float32) {
	p, o := ws.plan, ws.job.outer
	c := p.shape.C
	for panel := range o.xPanels() {
		first, last := o.share(panel % o.rowTiles)
		first, last = panel/o.rowTiles*o.rows+first, panel/o.rowTiles*o.rows+last
		dst := ws.shared[panel*o.xPanel()+at*o.xCols*o.mr:][:o.xCols*o.mr]
		if o.colComb.extra > 0 {
			copyPixels(dst, o.mr, src[first:], c, o.xCols, last-first)
			continue
		}
		for s := range p.shape.S {
			lo, hi := p.cols.Outputs(s)
			if lo < hi {
				copyPixels(dst[p.bandCol(o, lo, s)*o.mr:], o.colComb.step*o.mr,
					src[p.cols.In(lo, s)*c+first:], p.shape.StrideW*c, hi-lo, last-first)
			}
		}
	}
}

// copyPixels copies width channels of n pixels. A copy of every pixel's own
// length is a call and took 25% of the time of 56x56x64; whole vectors that the
// next pixel overwrites take 5%.
func copyPixels(dst []float32, to int, src []float32, from, n, width int) {
	i := 0
	switch {
	case width > 16 && width <= 32 && from >= 32 && to == 32:
		for ; i < n-1; i++ {
			d, s := (*[32]float32)(dst[i*to:]), (*[32]float32)(src[i*from:])
			copy16((*[16]float32)(d[:16]), (*[16]float32)(s[:16]))
			copy16((*[16]float32)(d[16:]), (*[16]float32)(s[16:]))
		}
	case width > 8 && width <= 16 && from >= 16 && to >= 8 && to <= 16:
		for ; i < n-1; i++ {
			copy16((*[16]float32)(dst[i*to:]), (*[16]float32)(src[i*from:]))
		}
	case width > 4 && width <= 8 && from >= 8 && to >= 4 && to <= 8:
		for ; i < n-1; i++ {
			d, s := (*[8]float32)(dst[i*to:]), (*[8]float32)(src[i*from:])
			*(*[4]float32)(d[:4]) = *(*[4]float32)(s[:4])
			*(*[4]float32)(d[4:]) = *(*[4]float32)(s[4:])
		}
	}
	for ; i < n; i++ {
		copy(dst[i*to:i*to+width], src[i*from:])
	}
}

// copy16 is four loads and four stores; a whole array would be a call.
func copy16(d, s *[16]float32) {
	*(*[4]float32)(d[0:4]) = *(*[4]float32)(s[0:4])
	*(*[4]float32)(d[4:8]) = *(*[4]float32)(s[4:8])
	*(*[4]float32)(d[8:12]) = *(*[4]float32)(s[8:12])
	*(*[4]float32)(d[12:16]) = *(*[4]float32)(s[12:16])
}
