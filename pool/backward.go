package pool

import "math"

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
	c := p.shape.C
	n, iy := row/p.shape.H, row%p.shape.H
	oh, ow := len(p.rows.windows), len(p.cols.windows)
	down := p.rows.covers[iy]
	at := row * p.shape.W * c
	for _, across := range p.cols.covers {
		dx := j.out[at:][:c]
		at += c
		if down.n*across.n == 0 {
			clear(dx)
			continue
		}
		for a := range down.n {
			oy := down.out + a*p.rows.outStep
			for b := range across.n {
				ox := across.out + b*p.cols.outStep
				from := ((n*oh+oy)*ow + ox) * c
				dy := j.in[from:][:c]
				first := a+b == 0
				if p.op == Average {
					count := float32(p.rows.windows[oy].count * p.cols.windows[ox].count)
					averageCover(dx, dy, count, first)
					continue
				}
				r, s := down.tap-a*p.rows.tapStep, across.tap-b*p.cols.tapStep
				maxCover(dx, dy, j.argmax[from:][:c], uint8(r*p.shape.S+s), first)
			}
		}
	}
}

// maxCover adds dy to dx where argmax is tap. With first set dx counts as 0
// whatever it holds.
func maxCover(dx, dy []float32, argmax []uint8, tap uint8, first bool) {
	dx, argmax = dx[:len(dy)], argmax[:len(dy)]
	if first {
		for c, v := range dy {
			dx[c] = only(v, argmax[c] == tap)
		}
		return
	}
	for c, v := range dy {
		dx[c] += only(v, argmax[c] == tap)
	}
}

// only returns v if mine is set and 0 otherwise, without a branch.
func only(v float32, mine bool) float32 {
	bits := math.Float32bits(v)
	if !mine {
		bits = 0
	}
	return math.Float32frombits(bits)
}

// averageCover adds dy / count to dx. With first set dx counts as 0 whatever it
// holds.
func averageCover(dx, dy []float32, count float32, first bool) {
	dx = dx[:len(dy)]
	if first {
		for c, v := range dy {
			dx[c] = v / count
		}
		return
	}
	for c, v := range dy {
		dx[c] += v / count
	}
}
