package kernels

import (
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
)

const badLRN = "kernels: LRN wants a radius of at least 0, a positive bias, and alpha and beta of at least 0, all finite"

// LRN says how LocalResponse normalises.
type LRN struct {
	Radius            int // channels on either side
	Bias, Alpha, Beta float32
}

func (p LRN) check() {
	for _, v := range [...]float32{p.Bias, p.Alpha, p.Beta} {
		if !(v >= 0 && v <= math.MaxFloat32) {
			panic(badLRN)
		}
	}
	if p.Radius < 0 || p.Bias == 0 {
		panic(badLRN)
	}
}

// LocalResponse divides every value by what its neighbours among the channels
// amount to (Krizhevsky et al., "ImageNet classification with deep
// convolutional neural networks", NIPS 2012, section 3.3): in each row of cols
// channels
//
//	d[c] = Bias + Alpha * sum of x[j]^2 over j from c-Radius to c+Radius, within the row
//	y[c] = x[c] / d[c]^Beta
//
// Squares are added up in float32 in the order of j. The relative error is at
// most Beta*(2*Radius + 4) + 4 units of 2^-24 unless a square overflows or
// something is denormal. y may be x.
//
// It panics if a setting is out of range, if cols is below 1, if x is not a
// whole number of rows, if the lengths differ, or if the slices overlap
// partially.
func (e *Engine) LocalResponse(y, x []float32, cols int, p LRN) {
	p.check()
	checkRows(x, cols)
	checkSame(y, x)
	e.lrn(lrnJob{p: p, y: y, x: x, cols: cols}, 8)
}

// LocalResponseBackward computes the gradient of LocalResponse from its input:
//
//	dx[c] = dy[c]/d[c]^Beta - 2*Alpha*Beta*x[c] * sum of dy[j]*x[j]/d[j]^(Beta+1) over the same j
//
// dx may be dy. It panics as LocalResponse does, and if dx overlaps x.
func (e *Engine) LocalResponseBackward(dx, dy, x []float32, cols int, p LRN) {
	p.check()
	checkRows(x, cols)
	checkSame(dx, dy)
	checkApart(dx, x)
	e.lrn(lrnJob{p: p, y: dx, dy: dy, x: x, cols: cols}, 16)
}

// An lrnJob is one of the two under way; dy is nil forward.
type lrnJob struct {
	p        LRN
	y, x, dy []float32
	cols     int

	n, span int       // rows in all and in a task
	scratch []float32 // two rows for each thread
	bundle  *micro.Bundle
}

var lrnJobs freeList[lrnJob]

// lrn shares the rows out; an element takes so many nanoseconds in plain Go.
func (e *Engine) lrn(job lrnJob, nanoseconds float64) {
	j := lrnJobs.take()
	job.scratch = j.scratch
	*j = job
	j.bundle = e.bundle
	if e.bundle.Tier != micro.Generic && j.p.Beta == vectorBeta && j.p.Radius == vectorRadius {
		nanoseconds /= vectorGain
	}
	j.n = len(j.x) / j.cols
	j.span = max(1, int(taskTime/(nanoseconds*float64(j.cols))))
	if need := 2 * j.cols * e.opts.Threads; len(j.scratch) < need {
		j.scratch = make([]float32, need)
	}
	e.run(j, ceilDiv(j.n, j.span), nanoseconds*float64(len(j.x))*flopPerNanosecond)
	*j = lrnJob{scratch: j.scratch}
	lrnJobs.put(j)
}

// Run does the rows of task i.
func (j *lrnJob) Run(worker, i int) {
	d := j.scratch[2*j.cols*worker : 2*j.cols*(worker+1)]
	d, t := d[:j.cols], d[j.cols:]
	for r := i * j.span; r < min((i+1)*j.span, j.n); r++ {
		lo, hi := r*j.cols, (r+1)*j.cols
		if j.dy == nil {
			j.forward(j.y[lo:hi], j.x[lo:hi], d, t)
		} else {
			j.backward(j.y[lo:hi], j.dy[lo:hi], j.x[lo:hi], d, t)
		}
	}
}

// forward does one row; d and t are room for one each.
func (j *lrnJob) forward(y, x, d, t []float32) {
	j.denominators(d, x, t)
	if j.p.Beta == vectorBeta {
		j.vector(micro.OpPower, micro.VectorArgs{X0: y, X1: x, X2: d, S0: 1}, 0, len(x))
		return
	}
	j.p.powers(t, d)
	j.vector(micro.OpMul, micro.VectorArgs{X0: y, X1: x, X2: t}, 0, len(x))
}

func (j *lrnJob) backward(dx, dy, x, d, t []float32) {
	j.denominators(d, x, t)
	// d becomes what the neighbours sum up, and dx the first term.
	if j.p.Beta == vectorBeta {
		j.vector(micro.OpPowerTerms, micro.VectorArgs{X0: dx, X1: dy, X2: x, X3: d, S0: 1}, 0, len(x))
	} else {
		j.p.powers(t, d)
		for c, v := range x {
			g := dy[c] * t[c]
			d[c] = float32(g*v) / d[c]
			dx[c] = g
		}
	}
	j.window(t, d, 0, 1)
	j.vector(micro.OpSubProduct, micro.VectorArgs{X0: dx, X1: x, X2: t, S0: 2 * j.p.Alpha * j.p.Beta}, 0, len(x))
}

// Kernels know the exponent and the radius that every known network has.
const (
	vectorBeta   = 0.75
	vectorRadius = 2
	vectorGain   = 7 // 1.2 and 1.9 nanoseconds an element, AVX2 and AVX-512
)

// vector runs a kernel on elements from to to-1.
func (j *lrnJob) vector(op micro.VectorOp, a micro.VectorArgs, from, to int) {
	for a.Off = from; a.Off < to; a.Off += a.N {
		a.N = min(to-a.Off, micro.MaxVector)
		j.bundle.Vector(op, &a)
	}
}

// denominators sets d; t is room.
func (j *lrnJob) denominators(d, x, t []float32) {
	j.vector(micro.OpMul, micro.VectorArgs{X0: t, X1: x, X2: x}, 0, len(x))
	j.window(d, t, j.p.Bias, j.p.Alpha)
}

// window sets y[c] to bias + alpha * the sum of x[c-Radius] to x[c+Radius], as
// far as they are there.
func (j *lrnJob) window(y, x []float32, bias, alpha float32) {
	edge := len(y)
	if j.p.Radius == vectorRadius && len(x) > 2*vectorRadius {
		edge = vectorRadius
		j.vector(micro.OpWindow, micro.VectorArgs{X0: y, X1: x, S0: bias, S1: alpha}, edge, len(x)-edge)
	}
	for c := range edge {
		y[c] = bias + float32(alpha*sum(x, c, j.p.Radius))
	}
	for c := max(edge, len(y)-edge); c < len(y); c++ {
		y[c] = bias + float32(alpha*sum(x, c, j.p.Radius))
	}
}

func sum(x []float32, c, radius int) (s float32) {
	for _, v := range x[max(0, c-radius) : min(len(x)-1, c+min(radius, len(x)))+1] {
		s += v
	}
	return s
}

// powers sets y to d^-Beta. Roots are several times as fast as Pow.
func (p LRN) powers(y, d []float32) {
	switch p.Beta {
	case 0.5:
		for c, v := range d {
			y[c] = 1 / root(v)
		}
	case 1:
		for c, v := range d {
			y[c] = 1 / v
		}
	default:
		for c, v := range d {
			y[c] = float32(math.Pow(float64(v), -float64(p.Beta)))
		}
	}
}

func root(v float32) float32 { return float32(math.Sqrt(float64(v))) }
