package kernels

import "math"

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
}

var lrnJobs freeList[lrnJob]

// lrn shares the rows out; an element takes so many nanoseconds.
func (e *Engine) lrn(job lrnJob, nanoseconds float64) {
	j := lrnJobs.take()
	job.scratch = j.scratch
	*j = job
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
			j.p.forward(j.y[lo:hi], j.x[lo:hi], d, t)
		} else {
			j.p.backward(j.y[lo:hi], j.dy[lo:hi], j.x[lo:hi], d, t)
		}
	}
}

// forward does one row; d and t are room for one each.
func (p LRN) forward(y, x, d, t []float32) {
	p.denominators(d, x, t)
	p.powers(t, d)
	for c, v := range x {
		y[c] = v * t[c]
	}
}

func (p LRN) backward(dx, dy, x, d, t []float32) {
	p.denominators(d, x, t)
	p.powers(t, d)
	// d becomes what the neighbours sum up, and dx the first term.
	for c, v := range x {
		g := dy[c] * t[c]
		d[c] = float32(g*v) / d[c]
		dx[c] = g
	}
	window(t, d, p.Radius)
	scale := 2 * p.Alpha * p.Beta
	for c, v := range x {
		dx[c] -= float32(float32(scale*v) * t[c])
	}
}

// denominators sets d; t is room.
func (p LRN) denominators(d, x, t []float32) {
	for c, v := range x {
		t[c] = v * v
	}
	window(d, t, p.Radius)
	for c, s := range d {
		d[c] = p.Bias + float32(p.Alpha*s)
	}
}

// window sets y[c] to the sum of x[c-radius] to x[c+radius], as far as they
// are there.
func window(y, x []float32, radius int) {
	if radius == 2 && len(x) > 4 {
		window5(y, x)
		return
	}
	for c := range y {
		y[c] = sum(x, c, radius)
	}
}

func sum(x []float32, c, radius int) (s float32) {
	for _, v := range x[max(0, c-radius) : min(len(x)-1, c+min(radius, len(x)))+1] {
		s += v
	}
	return s
}

// window5 is window with a radius of 2, which every known network has: without
// the inner loop it takes a fifth to a half of the time.
func window5(y, x []float32) {
	n := len(x)
	for _, c := range [...]int{0, 1, n - 2, n - 1} {
		y[c] = sum(x, c, 2)
	}
	for c := 2; c < n-2; c++ {
		w := x[c-2 : c+3 : c+3]
		y[c] = 0 + w[0] + w[1] + w[2] + w[3] + w[4]
	}
}

// powers sets y to d^-Beta. Roots are several times as fast as Pow.
func (p LRN) powers(y, d []float32) {
	switch p.Beta {
	case 0.5:
		for c, v := range d {
			y[c] = 1 / root(v)
		}
	case 0.75:
		for c, v := range d {
			r := root(v)
			y[c] = 1 / float32(r*root(r))
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
