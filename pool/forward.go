package pool

import "math"

// Forward computes y from x.
//
//	Max:      y = max of x over the taps inside the image
//	Average:  y = sum of x over the taps inside the image / their number,
//	          or / (R*S) with CountPadding
//
// x has [Plan.XLen] elements and y [Plan.YLen]. With Max, argmax is nil for
// inference, or has y's length and receives, for Backward, the tap r*S+s that
// each maximum came from: of several the first in order of r, then s. If a
// window holds NaN then y is NaN and argmax the first of them. With Average,
// argmax must be nil.
//
// Average adds up each row of a window in float32, then the rows, and divides
// once: the error is at most about (R+S)/2 units in the last place of the mean
// of |x|, and a constant map stays what it is wherever its sums are exact.
//
// It is an error, and nothing is written, if ws is nil or of another plan, if a
// slice has another length, or if y and x overlap. Forward allocates nothing.
func (p *Plan) Forward(ws *Workspace, y []float32, argmax []uint8, x []float32) error {
	if err := p.check(ws, operand{"y", y, p.yLen}, operand{"x", x, p.xLen}); err != nil {
		return err
	}
	if argmax != nil {
		if err := p.checkArgmax(argmax); err != nil {
			return err
		}
	}
	j := &ws.job
	j.backward, j.out, j.in, j.argmax = false, y, x, argmax
	j.run()
	return nil
}

// image returns the input of the image that row belongs to, the row's number
// within it, and the offset of the row in the output of Forward.
func (j *job) image(row int) (x []float32, oy, at int) {
	p := j.plan
	oh, size := len(p.rows.windows), p.shape.H*p.shape.W*p.shape.C
	n := row / oh
	return j.in[n*size:][:size], row - n*oh, row * len(p.cols.windows) * p.shape.C
}

// maxRow computes one row of y, and of argmax unless that is nil.
func (j *job) maxRow(row int) {
	p := j.plan
	c, width := p.shape.C, p.shape.W
	x, oy, at := j.image(row)
	down := p.rows.windows[oy]
	for ox, across := range p.cols.windows {
		y := j.out[at:][:c]
		var arg []uint8
		if j.argmax != nil {
			arg = j.argmax[at:][:c]
		}
		at += c
		first := true
		for r := down.lo; r < down.hi; r++ {
			line := x[p.rows.In(oy, r)*width*c:]
			for s := across.lo; s < across.hi; s++ {
				src := line[p.cols.In(ox, s)*c:][:c]
				tap := r*p.shape.S + s
				switch {
				case first:
					copy(y, src)
					for i := range arg {
						arg[i] = uint8(tap)
					}
					first = false
				case arg == nil:
					maxTap(y, src)
				default:
					maxArgTap(y, arg, src, uint32(tap))
				}
			}
		}
	}
}

// The maximum is selected as bits because the compiler has a conditional move
// for integers only, and the branch instead would often be mispredicted. A NaN
// in y stays, as nothing is greater.

func maxTap(y, x []float32) {
	y = y[:len(x)]
	for c, v := range x {
		m := y[c]
		best, other := math.Float32bits(m), math.Float32bits(v)
		if v > m {
			best = other
		}
		if v != v && m == m {
			best = other
		}
		y[c] = math.Float32frombits(best)
	}
}

func maxArgTap(y []float32, argmax []uint8, x []float32, tap uint32) {
	y, argmax = y[:len(x)], argmax[:len(x)]
	for c, v := range x {
		m := y[c]
		best, other := math.Float32bits(m), math.Float32bits(v)
		arg := uint32(argmax[c])
		if v > m {
			best = other
		}
		if v > m {
			arg = tap
		}
		if v != v && m == m {
			best, arg = other, tap
		}
		y[c], argmax[c] = math.Float32frombits(best), uint8(arg)
	}
}

// averageRow computes one row of y. The sum of a window's row is built in sum.
func (j *job) averageRow(row int, sum []float32) {
	p := j.plan
	c, width := p.shape.C, p.shape.W
	x, oy, at := j.image(row)
	down := p.rows.windows[oy]
	for ox, across := range p.cols.windows {
		y := j.out[at:][:c]
		at += c
		for r := down.lo; r < down.hi; r++ {
			line := x[p.rows.In(oy, r)*width*c:]
			acc := sum
			if r == down.lo {
				acc = y
			}
			copy(acc, line[p.cols.In(ox, across.lo)*c:][:c])
			for s := across.lo + 1; s < across.hi; s++ {
				add(acc, line[p.cols.In(ox, s)*c:][:c])
			}
			if r > down.lo {
				add(y, sum)
			}
		}
		divide(y, float32(down.count*across.count))
	}
}

func add(y, x []float32) {
	y = y[:len(x)]
	for c, v := range x {
		y[c] += v
	}
}

func divide(y []float32, by float32) {
	for c := range y {
		y[c] /= by
	}
}
