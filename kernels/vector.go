package kernels

import (
	"sync"
	"unsafe"

	"github.com/simdconv/simdconv/kernels/random"
)

// A vectorOp names an operation that treats every item, an element or a row of
// its operands, on its own: how items are shared out moves no bits.
type vectorOp uint8

const (
	opFill vectorOp = iota
	opScale
	opAxpy
	opAdd
	opMul
	opAddBias
	opReLU
	opReLUBackward
	opSigmoid
	opSigmoidBackward
	opTanh
	opTanhBackward
	opSoftmax
	opDropout
	opSGD
	opNesterov
	opRMSprop
	opAdam
	opAdamW
)

// vectorTime is roughly what an element of each operation takes in
// nanoseconds. It decides how many threads to use and nothing else.
var vectorTime = [...]float64{
	opFill: 0.3, opScale: 0.3, opAxpy: 0.4, opAdd: 0.4, opMul: 0.4, opAddBias: 0.4,
	opReLU: 0.5, opReLUBackward: 0.5,
	opSigmoid: 8, opSigmoidBackward: 0.5, opTanh: 12, opTanhBackward: 0.5,
	opSoftmax: 8, opDropout: 5, opSGD: 0.5, opNesterov: 0.6, opRMSprop: 3, opAdam: 2, opAdamW: 2.4,
}

const (
	flopPerNanosecond = 100  // what ThreadsFor takes a thread to do
	taskTime          = 8000 // nanoseconds worth a task of its own
)

// A vectorJob is one such operation under way.
type vectorJob struct {
	op   vectorOp
	x    [4][]float32 // operands of one shape, the first never nil
	row  []float32    // operand of one row
	cols int          // length of a row; 0 if items are elements
	s    [4]float32
	x4   []float32 // a fifth operand like x, or nil
	s4   float32   // a fifth number
	key  random.Key
	drop uint32

	n, span int // items in all and in a task
}

var vectorJobs freeList[vectorJob]

// vector runs j on the caller or shares it out. The caller's j stays on its
// stack: what the pool sees is a recycled copy.
func (e *Engine) vector(j *vectorJob) {
	width := max(1, j.cols)
	j.n = len(j.x[0]) / width
	time := vectorTime[j.op] * float64(len(j.x[0]))
	if ThreadsFor(time*flopPerNanosecond, e.opts.Threads) == 1 {
		j.apply(0, j.n)
		return
	}
	j.span = max(1, int(taskTime/(vectorTime[j.op]*float64(width))))
	if width == 1 {
		j.span = roundUp(j.span, lanes)
	}
	shared := vectorJobs.take()
	*shared = *j
	e.run(shared, ceilDiv(j.n, j.span), time*flopPerNanosecond)
	*shared = vectorJob{}
	vectorJobs.put(shared)
}

// Run does the items of task i.
func (j *vectorJob) Run(_, i int) {
	first := i * j.span
	j.apply(first, min(first+j.span, j.n))
}

// apply does the items from first to before last.
func (j *vectorJob) apply(first, last int) {
	x := j.x
	width := max(1, j.cols)
	for i, s := range x {
		if s != nil {
			x[i] = s[first*width : last*width]
		}
	}
	x4 := j.x4
	if x4 != nil {
		x4 = x4[first*width : last*width]
	}
	switch j.op {
	case opFill:
		fill(x[0], j.s[0])
	case opScale:
		scale(x[0], j.s[0])
	case opAxpy:
		axpy(j.s[0], x[1], x[0])
	case opAdd:
		add(x[0], x[1], x[2])
	case opMul:
		mul(x[0], x[1], x[2])
	case opAddBias:
		addBias(x[0], j.row)
	case opReLU:
		relu(x[0], x[1])
	case opReLUBackward:
		reluBackward(x[0], x[1], x[2])
	case opSigmoid:
		sigmoid(x[0], x[1])
	case opSigmoidBackward:
		sigmoidBackward(x[0], x[1], x[2])
	case opTanh:
		tanh(x[0], x[1])
	case opTanhBackward:
		tanhBackward(x[0], x[1], x[2])
	case opSoftmax:
		softmax(x[0], x[1], j.cols)
	case opDropout:
		dropout(x[0], x[1], j.key, uint64(first), j.drop, j.s[0])
	case opSGD:
		sgd(x[0], x[1], x[2], j.s[0], j.s[1])
	case opNesterov:
		nesterov(x[0], x[1], x[2], j.s[0], j.s[1])
	case opRMSprop:
		rmsprop(x[0], x[1], x[2], x[3], x4, j.s[0], j.s[1], j.s[2], j.s[3])
	case opAdamW:
		axpy(-j.s4, x[0], x[0])
		adam(x[0], x[1], x[2], x[3], j.s[0], j.s[1], j.s[2], j.s[3])
	case opAdam:
		adam(x[0], x[1], x[2], x[3], j.s[0], j.s[1], j.s[2], j.s[3])
	}
}

// A freeList keeps the values of ended calls for those to come.
type freeList[T any] struct {
	mu   sync.Mutex
	free []*T
}

func (l *freeList[T]) take() *T {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.free)
	if n == 0 {
		return new(T)
	}
	v := l.free[n-1]
	l.free = l.free[:n-1]
	return v
}

func (l *freeList[T]) put(v *T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, v)
}

// Panics of the vector operations.
const (
	badLength  = "kernels: operands of different lengths"
	badRows    = "kernels: length is not a whole number of rows"
	badCols    = "kernels: rows must have at least one column"
	badOverlap = "kernels: operands overlap without being the same"
	badShared  = "kernels: a result overlaps another operand"
)

// checkSame panics unless x is as long as y and either y itself or apart.
func checkSame(y, x []float32) {
	if len(x) != len(y) {
		panic(badLength)
	}
	if Overlap(x, y) && unsafe.SliceData(x) != unsafe.SliceData(y) {
		panic(badOverlap)
	}
}

// checkApart panics unless x is as long as y and apart from it.
func checkApart(y, x []float32) {
	if len(x) != len(y) {
		panic(badLength)
	}
	if Overlap(x, y) {
		panic(badShared)
	}
}

// checkRows panics unless x is a whole number of rows of cols elements.
func checkRows(x []float32, cols int) {
	if cols < 1 {
		panic(badCols)
	}
	if len(x)%cols != 0 {
		panic(badRows)
	}
}

func roundUp(n, to int) int { return ceilDiv(n, to) * to }
