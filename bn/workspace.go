package bn

import (
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/micro"
)

// lineFloats is the number of float64 in two cache lines, which the processor
// fetches together: workers that write in turn stay that far apart.
const lineFloats = 16

// A Workspace is the state of a running call. It belongs to the plan that made
// it and serves one call at a time: give each concurrent caller its own.
type Workspace struct {
	plan *Plan
	job  job

	// Two sums for each chunk and column of a row; those of chunk 0 become the
	// total.
	partials []float64
	// Coefficients of the pass over the pixels, one for each column of a row.
	mean, scale, shift, slope []float32
	// The first pixel of each chunk, as often as a row has pixels, if that is
	// more than once.
	first []float32

	trained bool // the coefficients are those of the last Train
}

// NewWorkspace returns a workspace for p. Calls with it allocate nothing.
func (p *Plan) NewWorkspace() *Workspace {
	ws := &Workspace{
		plan:     p,
		partials: make([]float64, p.chunks*p.stride),
		mean:     make([]float32, p.width),
		scale:    make([]float32, p.width),
		shift:    make([]float32, p.width),
		slope:    make([]float32, p.width),
	}
	if p.perRow > 1 {
		ws.first = make([]float32, p.chunks*p.room)
	}
	ws.job.ws = ws
	return ws
}

// both returns the two sums of one chunk for all columns.
func (ws *Workspace) both(chunk int) (a, b []float64) {
	p := ws.plan
	both := ws.partials[chunk*p.stride:][:p.stride]
	return both[:p.room], both[p.room:]
}

// sums returns the two sums of one chunk for the columns of a span.
func (ws *Workspace) sums(chunk int, s span) (a, b []float64) {
	a, b = ws.both(chunk)
	return a[s.from:s.to], b[s.from:s.to]
}

// A span is a range of channels, or of the columns of a row.
type span struct{ from, to int }

// A pass is one parallel loop of a call.
type pass int

const (
	moments   pass = iota // chunks: mean and M2
	statistic             // channels: merge the chunks, derive coefficients
	normalize             // chunks: y from x
	products              // chunks: sums of dy and of dy*x
	gradients             // channels: merge the chunks, derive coefficients
	propagate             // chunks: dx from dy and x
)

// overChannels reports whether tasks are blocks of channels only, rather than
// blocks of each chunk.
func (k pass) overChannels() bool { return k == statistic || k == gradients }

// A job is a call under way: its operands and the pass it is at.
type job struct {
	ws   *Workspace
	pass pass
	back bool // chunks go backwards

	y, x          []float32
	params        Params
	saved         Saved
	fused         Fused
	dx, dres, dy  []float32
	dgamma, dbeta []float32
}

// runChunks is how many chunks a pass that goes backwards takes forwards: a
// processor foresees no more than that the next line follows. Backward and Train of
// 32x56x56x64 and 32x112x112x64 take 0.92 to 0.94 of the time with 16, 0.95 to 0.99
// with 4, and with 64 what they take with 16 or more.
const runChunks = 16

// backwards is the order of chunks in a pass that follows another, which has left
// the last ones in the caches: runs of them from the last to the first.
func (p *Plan) backwards(i int) int {
	i = p.chunks - 1 - i
	first := i / runChunks * runChunks
	return first + min(first+runChunks, p.chunks) - 1 - i
}

// inlineOps is the work to leave on the caller, about 20 us at the 0.3 ns that a
// pass takes for an element in memory.
const inlineOps = 1 << 16

func (j *job) run(passes ...pass) {
	p := j.ws.plan
	for i, pass := range passes {
		j.pass, j.back = pass, i > 0
		tasks, ops := p.chunks*p.blocks, p.m*p.c
		if j.pass.overChannels() {
			tasks, ops = p.blocks, p.chunks*p.c
		}
		threads := p.opts.Threads
		if ops < inlineOps {
			threads = 1
		}
		p.opts.Pool.Run(j, tasks, threads)
	}
}

// forget drops the operands, so that the workspace does not keep them alive.
func (j *job) forget() { *j = job{ws: j.ws} }

// Run runs task i of the current pass.
func (j *job) Run(_, i int) {
	p := j.ws.plan
	chunk, block := i/p.blocks, i%p.blocks
	columns := p.width
	if j.pass.overChannels() {
		columns = p.c
	}
	if j.back {
		chunk = p.backwards(chunk)
	}
	s := span{block * blockChannels, min((block+1)*blockChannels, columns)}
	switch j.pass {
	case moments:
		j.moments(chunk, s)
	case statistic:
		j.statistic(s)
	case normalize:
		j.normalize(chunk, s)
	case products:
		j.products(chunk, s)
	case gradients:
		j.gradients(s)
	case propagate:
		j.propagate(chunk, s)
	}
}

// pixels returns the first pixel of a chunk and that after its last.
func (p *Plan) pixels(chunk int) (from, to int) {
	return chunk * chunkPixels, min((chunk+1)*chunkPixels, p.m)
}

// each runs a kernel on one chunk's pixels: whole rows, then what is left. The
// numbers of the columns start at element at.
func (j *job) each(op micro.ChannelOp, a *micro.ChannelArgs, chunk int, s span, at int) {
	p := j.ws.plan
	from, to := p.pixels(chunk)
	rows, rest := (to-from)/p.perRow, (to-from)%p.perRow
	run := func(row, rows, cols int) {
		row += from / p.perRow
		a.Off, a.LD, a.Rows, a.Cols = row*p.width+s.from, p.width, rows, cols
		a.POff, a.SOff = at+s.from, s.from
		a.MOff, a.MLD = row*p.words+s.from/8, p.words
		p.bundle.Channels(op, a)
	}
	run(0, rows, s.to-s.from)
	if rest > 0 {
		run(rows, 1, rest*p.c)
	}
	p.bundle.Fence(a.Stream)
}

// stream is the Stream of a kernel that writes y and reads the operands.
func (j *job) stream(y []float32, operands ...[]float32) uint32 {
	for _, x := range operands {
		if kernels.Overlap(x, y) {
			return 0
		}
	}
	return micro.Stream(len(y))
}

// repeat copies the numbers of the first pixel to the others of a row.
func (p *Plan) repeat(x ...[]float32) {
	for _, x := range x {
		for i := p.c; i < p.width; i++ {
			x[i] = x[i-p.c]
		}
	}
}

// merge adds up the sums of the pixels of a row and returns those of the
// channels.
func (p *Plan) merge(s span, a, b []float64) (span, []float64, []float64) {
	if p.perRow == 1 {
		return s, a, b
	}
	for i := p.c; i < p.width; i++ {
		a[i%p.c] += a[i]
		b[i%p.c] += b[i]
	}
	return span{0, p.c}, a[:p.c], b[:p.c]
}
