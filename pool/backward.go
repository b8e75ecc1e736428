package pool

import "github.com/simdconv/simdconv/kernels/micro"

// Backward computes dx, the gradient with respect to x, from dy, that with
// respect to y.
//
//	Max:      dx = sum of dy over the windows whose argmax names this pixel
//	Average:  dx = sum of dy / count over the windows that cover this pixel,
//	          count being what Forward divided by
//
// dx has [Plan.XLen] elements, each of which is written, and dy [Plan.YLen].
// With Max, argmax is what Forward returned; an element that names no tap
// inside the image sends its dy nowhere. With Average, argmax must be nil. Sums
// are in float32, in order of the windows.
//
// It is an error, and nothing is written, if ws is nil or of another plan, if a
// slice has another length, or if dx and dy overlap. Backward allocates
// nothing.
func (p *Plan) Backward(ws *Workspace, dx, dy []float32, argmax []uint8) error {
	if err := p.check(ws, operand{"dx", dx, p.xLen}, operand{"dy", dy, p.yLen}); err != nil {
		return err
	}
	if p.op == Max || argmax != nil {
		if err := p.checkArgmax(argmax); err != nil {
			return err
		}
	}
	j := &ws.job
	j.backward, j.out, j.in, j.argmax = true, dx, dy, argmax
	j.run()
	return nil
}

// backwardRow computes one row of dx.
func (j *job) backwardRow(worker, row int) {
	p := j.plan
	c, width := p.shape.C, p.shape.W
	oh, ow := len(p.rows.windows), len(p.cols.windows)
	image, iy := row/p.shape.H, row%p.shape.H
	down := p.rows.covers[iy]
	a := micro.PoolArgs{
		Y: j.out, X: j.in, Arg: j.argmax, C: c,
		Rows: down.n, RowStep: p.rows.outStep * ow * c, ColStep: p.cols.outStep * c, TapCol: -p.cols.tapStep,
		Stream: micro.Stream(len(j.out)),
	}
	x, y := (image*oh+down.out)*ow, row*width
	op, runs := micro.OpMaxBackward, p.cols.max
	if p.op == Average {
		op, runs = micro.OpSum, p.cols.sum
		a.X, x = j.quotients[worker].of(j, image, down)
		a.RowStep = ow * c
	}
	if pair := &p.cols.pair; pair.n > 0 && (down.n == 1 || down.n == 2) {
		runs = p.cols.rest
		b := a
		b.YOff, b.YStep = (y+pair.first)*c, 2*c
		b.XOff, b.XStep = (x+pair.out)*c, c
		b.Cols = pair.cover.n
		b.Tap = down.tap*p.shape.S + pair.tap
		b.TapRow = b.Cols*p.cols.tapStep - p.rows.tapStep*p.shape.S
		b.Pixels = pair.n
		p.bundle.Pool(micro.PairOp(op, b.Rows, b.Cols), &b)
	}
	for i := range runs {
		across := &runs[i]
		if down.n*across.cover.n == 0 {
			for k := range across.n {
				clear(j.out[(y+across.first+k*p.cols.Stride)*c:][:c])
			}
			continue
		}
		b := a
		b.YOff, b.YStep = (y+across.first)*c, p.cols.Stride*c
		b.XOff, b.XStep = (x+across.out)*c, across.step*c
		b.Cols = across.cover.n
		b.Tap = down.tap*p.shape.S + across.tap
		b.TapRow = b.Cols*p.cols.tapStep - p.rows.tapStep*p.shape.S
		b.Pixels = across.n
		same := p.op == Average && across.step == 0 && p.cols.Stride == 1 && b.Stream == 0
		if same {
			b.Pixels = 1
		}
		p.bundle.Pool(op, &b)
		if same {
			repeat(j.out[(y+across.first)*c:][:across.n*c], c)
		}
	}
}

// repeat copies the first n elements of x to all others, n at a time.
func repeat(x []float32, n int) {
	for done := n; done < len(x); done *= 2 {
		copy(x[done:], x[:done])
	}
}

// quotients are rows of dy divided by what Forward divided by: a window covers
// several pixels, and its quotient is the same for all.
type quotients struct {
	rows  []float32
	image int
	cover // rows of dy that rows holds, one after another

	_ [128]byte // no line shared with the next worker
}

// newQuotients returns room for the rows that cover a row of dx.
func newQuotients(p *Plan) quotients {
	most := 0
	for _, c := range p.rows.covers {
		most = max(most, c.n)
	}
	return quotients{rows: make([]float32, most*len(p.cols.windows)*p.shape.C)}
}

// of returns rows whose number row, in pixels, is the first of down.
func (q *quotients) of(j *job, image int, down cover) (rows []float32, row int) {
	p := j.plan
	ow := len(p.cols.windows)
	skip := (down.out - q.out) / p.rows.outStep
	if q.image == image && down.out >= q.out && (down.out-q.out)%p.rows.outStep == 0 && skip+down.n <= q.n {
		return q.rows, skip * ow
	}
	q.image, q.cover = image, down
	c := p.shape.C
	for r := range down.n {
		oy := down.out + r*p.rows.outStep
		for i := range p.cols.forward {
			across := &p.cols.forward[i]
			n := across.n * c
			y := q.rows[(r*ow+across.first)*c:][:n]
			dy := j.in[((image*len(p.rows.windows)+oy)*ow+across.first)*c:][:n]
			a := micro.VectorArgs{X0: y, X1: dy, S0: float32(p.rows.windows[oy].count * across.count)}
			for ; a.Off < n; a.Off += a.N {
				a.N = min(n-a.Off, micro.MaxVector)
				p.bundle.Vector(micro.OpQuotient, &a)
			}
		}
	}
	return q.rows, 0
}
