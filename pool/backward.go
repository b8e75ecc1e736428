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
func (j *job) backwardRow(row int) {
	p := j.plan
	c, width := p.shape.C, p.shape.W
	oh, ow := len(p.rows.windows), len(p.cols.windows)
	image, iy := row/p.shape.H, row%p.shape.H
	down := p.rows.covers[iy]
	runs := p.cols.max
	if p.op == Average {
		runs = p.cols.average
	}
	for i := range runs {
		across := &runs[i]
		if down.n*across.cover.n == 0 {
			for k := range across.n {
				clear(j.out[(row*width+across.first+k*p.cols.Stride)*c:][:c])
			}
			continue
		}
		a := micro.PoolArgs{
			Y: j.out, YOff: (row*width + across.first) * c, YStep: p.cols.Stride * c,
			X: j.in, XOff: ((image*oh+down.out)*ow + across.out) * c, XStep: across.step * c, Arg: j.argmax,
			Rows: down.n, RowStep: p.rows.outStep * ow * c,
			Cols: across.cover.n, ColStep: p.cols.outStep * c,
			Tap: down.tap*p.shape.S + across.tap, TapCol: -p.cols.tapStep,
			TapRow: across.cover.n*p.cols.tapStep - p.rows.tapStep*p.shape.S,
			Pixels: across.n, C: c,
		}
		switch {
		case p.op == Max:
			p.bundle.Pool(micro.OpMaxBackward, &a)
		case across.uniform && p.rows.uniform(down):
			a.Count = float32(p.rows.windows[down.out].count * across.count)
			p.bundle.Pool(micro.OpAverageBackward, &a)
		default:
			j.averageBorder(a, down, across)
		}
	}
}

// averageBorder adds up windows that divide by different numbers.
func (j *job) averageBorder(a micro.PoolArgs, down cover, across *run) {
	p := j.plan
	y, x := a.YOff, a.XOff
	op := micro.OpAverageBackward
	for r := range down.n {
		for s := range across.cover.n {
			count := p.rows.windows[down.out+r*p.rows.outStep].count * p.cols.windows[across.out+s*p.cols.outStep].count
			b := a
			b.Rows, b.Cols, b.Count = 1, 1, float32(count)
			b.YOff, b.XOff = y, x+r*a.RowStep+s*a.ColStep
			p.bundle.Pool(op, &b)
			op = micro.OpAverageBackwardAdd
		}
	}
}

// uniform reports whether the averages of a cover count the same number of taps.
func (s *side) uniform(c cover) bool {
	for k := range c.n {
		if s.windows[c.out+k*s.outStep].count != s.windows[c.out].count {
			return false
		}
	}
	return true
}
