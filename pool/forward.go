package pool

import "github.com/simdconv/simdconv/kernels/micro"

// Forward computes y from x.
//
//	Max:      y = max of x over the taps inside the image
//	Average:  y = sum of x over the taps inside the image / their number,
//	          or / (R*S) with CountPadding, less the taps in Shape.Beyond
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

// forwardRow computes one row of y, and of argmax unless that is nil.
func (j *job) forwardRow(worker, row int) {
	p := j.plan
	c, width := p.shape.C, p.shape.W
	oh, ow := len(p.rows.windows), len(p.cols.windows)
	image, oy := row/oh, row%oh
	down := p.rows.windows[oy]
	op := micro.OpAverage
	if p.op == Max {
		op = micro.OpMax
		if j.argmax != nil {
			op = micro.OpMaxArg
		}
	}
	for i := range p.cols.forward {
		across := &p.cols.forward[i]
		cols := across.hi - across.lo
		iy, ix := p.rows.In(oy, down.lo), p.cols.In(across.first, across.lo)
		a := micro.PoolArgs{
			Y: j.out, YOff: (row*ow + across.first) * c, YStep: c, Arg: j.argmax,
			X: j.in, XOff: ((image*p.shape.H+iy)*width + ix) * c, XStep: p.cols.Stride * c,
			Rows: down.hi - down.lo, RowStep: p.rows.Dilation * width * c,
			Cols: cols, ColStep: p.cols.Dilation * c,
			Tap: down.lo*p.shape.S + across.lo, TapCol: 1, TapRow: p.shape.S - cols,
			Pixels: across.n, C: c, Count: float32(down.count * across.count),
			Stream: micro.Stream(len(j.out)),
		}
		if i == p.shared && j.sharedRow(worker, row, op, &a) {
			continue
		}
		p.bundle.Pool(op, &a)
	}
}
