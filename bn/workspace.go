package bn

// lineFloats is the number of float64 in two cache lines, which the processor
// fetches together: workers that write in turn stay that far apart.
const lineFloats = 16

// A Workspace is the state of a running call. It belongs to the plan that made
// it and serves one call at a time: give each concurrent caller its own.
type Workspace struct {
	plan *Plan
	job  job

	// Two sums for each chunk and channel; those of chunk 0 become the total.
	partials []float64
	// Coefficients of the pass over the pixels, one for each channel.
	scale, shift, slope []float32
}

// NewWorkspace returns a workspace for p. Calls with it allocate nothing.
func (p *Plan) NewWorkspace() *Workspace {
	ws := &Workspace{
		plan:     p,
		partials: make([]float64, p.chunks*p.stride),
		scale:    make([]float32, p.c),
		shift:    make([]float32, p.c),
		slope:    make([]float32, p.c),
	}
	ws.job.ws = ws
	return ws
}

// sums returns the two sums of one chunk for the channels of a span.
func (ws *Workspace) sums(chunk int, s span) (a, b []float64) {
	c := ws.plan.c
	both := ws.partials[chunk*ws.plan.stride:][:2*c]
	return both[:c][s.from:s.to], both[c:][s.from:s.to]
}

// A span is a range of channels.
type span struct{ from, to int }

// A pass is one parallel loop of a call.
type pass int

const (
	moments   pass = iota // chunks: mean and M2
	statistic             // channels: merge the chunks, derive coefficients
	normalize             // chunks: y from x
	products              // chunks: sums of dy and of dy*(x-mean)
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

	y, x          []float32
	params        Params
	saved         Saved
	dx, dy        []float32
	dgamma, dbeta []float32
	mean          []float32 // that x is normalised by
}

// inlineOps is the work to leave on the caller, about 20 us at the 1 to 2 ns
// that Go takes for an element.
const inlineOps = 1 << 14

func (j *job) run(passes ...pass) {
	p := j.ws.plan
	for _, j.pass = range passes {
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
	s := span{block * blockChannels, min((block+1)*blockChannels, p.c)}
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

// at returns the channels of a span at one pixel.
func (p *Plan) at(x []float32, pixel int, s span) []float32 {
	return x[pixel*p.c:][s.from:s.to:s.to]
}
