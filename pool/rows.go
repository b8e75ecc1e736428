package pool

import "github.com/simdconv/simdconv/kernels/micro"

// Windows of 3x3 two apart share a row and a column with their neighbours. Kernels
// for rows read each row of x once, two rows at a time, and keep what the windows of
// the next row need: 1.1 to 1.4 times as fast as three rows at a time.
const sharedTaps, sharedStride = 3, 2

// sharedRun returns the run of outputs whose windows kernels for rows can do, or
// -1 if there is none.
func (p *Plan) sharedRun() int {
	r, s := p.rows.Axis, p.cols.Axis
	if r.F != sharedTaps || s.F != sharedTaps || r.Stride != sharedStride || s.Stride != sharedStride ||
		r.Dilation != 1 || s.Dilation != 1 || !p.bundle.HasRows(p.shape.C) {
		return -1
	}
	for i, run := range p.cols.forward {
		if run.hi-run.lo == sharedTaps {
			return i
		}
	}
	return -1
}

// A partial is what one worker knows of the windows that it has begun.
type partial struct {
	y   []float32 // results so far
	arg []uint8   // and their taps, for Max
	row int       // of x, which the windows start with
	nan uint32    // other than 0 if that row, or the one read with it, has a NaN

	_ [128]byte // no line shared with the next worker
}

const noRow = -1

func newPartial(p *Plan) partial {
	n := p.cols.forward[p.shared].n * p.shape.C
	t := partial{y: make([]float32, n)}
	if p.op == Max {
		t.arg = make([]uint8, n)
	}
	return t
}

// sharedRow computes the shared run of one row of y, whose arguments are a. It
// returns false if that is left to do: windows of one row, and those with a NaN.
func (j *job) sharedRow(worker, row int, op micro.PoolOp, a *micro.PoolArgs) bool {
	p, t := j.plan, &j.partials[worker]
	oh := len(p.rows.windows)
	image, oy := row/oh, row%oh
	down := p.rows.windows[oy]
	last := down.hi - 1
	if down.lo == last {
		return false
	}
	first := image*p.shape.H + p.rows.In(oy, down.lo)
	ops, nan := micro.RowOpsOf(op), t.nan
	begun := down.lo == 0 && t.row == first
	b := *a
	b.Part, b.PartArg, b.Rows, b.Tap = t.y, t.arg, 1, down.lo*p.shape.S
	if !begun {
		one := b
		p.bundle.Pool(ops.First, &one)
		nan = one.NaN
	}
	b.XOff += a.RowStep
	b.Tap += p.shape.S
	end := ops.Last
	if last-down.lo == 2 {
		end, b.Rows = ops.Both, 2
	}
	p.bundle.Pool(end, &b)
	nan |= b.NaN
	t.nan = b.NaN
	t.row = first + last - down.lo
	return nan == 0
}
