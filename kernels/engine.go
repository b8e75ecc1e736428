package kernels

import (
	"sync"

	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// An Engine runs the operations of this package on one tier with at most a
// fixed number of threads. It is safe for concurrent use. Its methods, but for
// PackB, allocate only when more of them run at once, or on larger data, than ever
// before, and panic with a constant string, before anything is written, if an
// argument is wrong.
type Engine struct {
	opts   Options
	bundle *micro.Bundle

	mu      sync.Mutex
	free    []*gemmJob // workspaces of products that have ended
	batches []*gemmBatch
}

// New returns an engine, or an error if the options ask for a tier that is
// unknown or cannot run here.
func New(o Options) (*Engine, error) {
	o, err := o.Resolve()
	if err != nil {
		return nil, err
	}
	return &Engine{opts: o, bundle: micro.For(o.Tier)}, nil
}

// Options returns the resolved options of e.
func (e *Engine) Options() Options { return e.opts }

func (e *Engine) takeJob() *gemmJob {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.free); n > 0 {
		j := e.free[n-1]
		e.free = e.free[:n-1]
		return j
	}
	return newGemmJob(e.bundle, e.opts.Threads)
}

func (e *Engine) returnJob(j *gemmJob) {
	j.forget()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.free = append(e.free, j)
}

// run shares n tasks among the engine's threads if they are worth it.
func (e *Engine) run(t parallel.Task, n int, flop float64) {
	e.opts.Pool.Run(t, n, ThreadsFor(flop, e.opts.Threads))
}

// flopPerThread is the least work worth a thread: about 20 us at 100 GFLOP/s. To wake
// a parked worker takes 100 us, but between the layers of a network it is awake, and
// one that comes too late is not waited for.
const flopPerThread = 2e6

// flopPerAwake is the least work worth a thread that is awake, 5 us at 100 GFLOP/s: to
// share a product out and to wait for the last part takes 1.5 to 2 us. 80^3 gains 37%
// on two threads; 64^3 gained 18% at best, nothing by turns with another library, and
// took twice its time where the second processor was not its own.
const flopPerAwake = 5e5

// threadsFor is ThreadsFor for this engine and, if that finds the work too small for
// more than the caller, the number of threads that are awake and that it is worth;
// another time these may be most.
func (e *Engine) threadsFor(flop float64) (threads, most int) {
	threads = ThreadsFor(flop, e.opts.Threads)
	most = int(min(flop/flopPerAwake, float64(e.opts.Threads)))
	if threads > 1 || most < 2 {
		return threads, threads
	}
	return e.opts.Pool.Awake(most), most
}

// ThreadsFor returns how many of at most most threads work of the given number
// of floating-point operations is worth: at least 1.
func ThreadsFor(flop float64, most int) int {
	return max(1, int(min(flop/flopPerThread, float64(most))))
}
