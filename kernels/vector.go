package kernels

import (
	"sync"
	"unsafe"

	"github.com/simdconv/simdconv/kernels/micro"
)

// elementTime is roughly what an element of each operand takes in nanoseconds,
// from memory. It decides how many threads to use and nothing else.
const elementTime = 0.15

const (
	flopPerNanosecond = 100  // what ThreadsFor takes a thread to do
	taskTime          = 8000 // nanoseconds worth a task of its own
)

// A vectorJob is an element-wise kernel under way. How elements are shared out
// moves no bits.
type vectorJob struct {
	bundle  *micro.Bundle
	op      micro.VectorOp
	args    micro.VectorArgs
	n, span int // elements in all and in a task
}

var vectorJobs freeList[vectorJob]

// vector runs op on all elements of a, on the caller or shared out. The caller's
// a stays on its stack: what the pool sees is a recycled copy.
func (e *Engine) vector(op micro.VectorOp, a *micro.VectorArgs) {
	n, operands := len(a.X0), 1
	for _, x := range [...][]float32{a.X1, a.X2, a.X3, a.X4} {
		if x != nil {
			operands++
		}
	}
	time := elementTime * float64(operands)
	if !same(a.X0, a.X1) && !same(a.X0, a.X2) {
		a.Stream = micro.Stream(n)
	}
	if ThreadsFor(time*float64(n)*flopPerNanosecond, e.opts.Threads) == 1 {
		elements(e.bundle, op, a, 0, n)
		return
	}
	j := vectorJobs.take()
	*j = vectorJob{e.bundle, op, *a, n, roundUp(int(taskTime/time), vectorAlign)}
	e.run(j, ceilDiv(n, j.span), time*float64(n)*flopPerNanosecond)
	*j = vectorJob{}
	vectorJobs.put(j)
}

// same reports whether x and y begin with the same element.
func same(x, y []float32) bool { return unsafe.SliceData(x) == unsafe.SliceData(y) }

// vectorAlign is what tasks begin at a multiple of: a page of elements.
const vectorAlign = 1024

// Run does the elements of task i.
func (j *vectorJob) Run(_, i int) {
	first := i * j.span
	a := j.args
	elements(j.bundle, j.op, &a, first, min(first+j.span, j.n))
}

// elements runs op on the elements from first to before last, in calls that are
// short enough for assembly.
func elements(b *micro.Bundle, op micro.VectorOp, a *micro.VectorArgs, first, last int) {
	for ; first < last; first += a.N {
		a.Off, a.N = first, min(last-first, micro.MaxVector)
		b.Vector(op, a)
	}
	b.Fence(a.Stream)
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
