package kernels

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/random"
)

// A rowOp names an operation that treats every row of its operands, or every
// element, on its own: how they are shared out moves no bits.
type rowOp uint8

const (
	opAddBias rowOp = iota
	opSoftmax
	opLogSoftmax
	opDropout
)

// rowTime is roughly what an element of each operation takes in nanoseconds.
var rowTime = [...]float64{opAddBias: 0.3, opSoftmax: 0.8, opLogSoftmax: 0.8, opDropout: 0.4}

// A rowJob is one such operation under way.
type rowJob struct {
	bundle *micro.Bundle
	op     rowOp
	y, x   []float32 // of one shape, y never nil
	row    []float32 // operand of one row
	cols   int       // length of a row; 0 for elements
	key    random.Key
	drop   uint32
	s      float32
	stream uint32

	n, span int // rows in all and in a task
}

var rowJobs freeList[rowJob]

// rows runs j on the caller or shares it out, like [Engine.vector].
func (e *Engine) rows(j *rowJob) {
	j.bundle = e.bundle
	width := max(1, j.cols)
	j.n = len(j.y) / width
	time := rowTime[j.op] * float64(len(j.y))
	if ThreadsFor(time*flopPerNanosecond, e.opts.Threads) == 1 {
		j.apply(0, j.n)
		return
	}
	j.span = max(1, int(taskTime/(rowTime[j.op]*float64(width))))
	if width == 1 {
		j.span = roundUp(j.span, vectorAlign)
	}
	shared := rowJobs.take()
	*shared = *j
	e.run(shared, ceilDiv(j.n, j.span), time*flopPerNanosecond)
	*shared = rowJob{}
	rowJobs.put(shared)
}

// Run does the rows of task i.
func (j *rowJob) Run(_, i int) {
	first := i * j.span
	j.apply(first, min(first+j.span, j.n))
}

// apply does the rows from first to before last.
func (j *rowJob) apply(first, last int) {
	width := max(1, j.cols)
	y, x := j.y[first*width:last*width], j.x
	if x != nil {
		x = x[first*width : last*width]
	}
	switch j.op {
	case opAddBias:
		j.bundle.Channels(micro.OpAddBias, &micro.ChannelArgs{Y: y, Shift: j.row, LD: j.cols, Rows: last - first, Cols: j.cols})
	case opSoftmax, opLogSoftmax:
		softmaxRows(j.bundle, y, x, width, j.op == opLogSoftmax)
	case opDropout:
		dropout(j.bundle, y, x, j.key, uint64(first), j.drop, j.s, j.stream)
	}
}
