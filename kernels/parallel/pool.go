package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Task is the body of a parallel loop.
//
// Run is called with each index i once. The worker number tells concurrent
// calls apart: of the calls of one region that run at the same time no two
// have the same number, so that it can index per-worker scratch memory.
//
// Indices may run one after the other on a single goroutine: a call of Run
// must not wait for another. It must not call runtime.Goexit, which would cost
// the pool a worker.
type Task interface {
	Run(worker, i int)
}

// DefaultSpin is how long an idle worker polls for the next region before it
// parks, unless [Pool.SetSpin] says otherwise: longer than what is left to one
// thread between two regions, 40 us at most. At 20 us small networks on two threads
// take 1.1 times as long, as waking takes 100 us; 200 us gain nothing more.
const DefaultSpin = 60 * time.Microsecond

// maxWorkers is what the participant fields of the gate can hold.
const maxWorkers = 1<<gateBits - 1

// A Pool runs parallel regions, one at a time, on goroutines it keeps between
// them. It may be used by any number of goroutines at once; a Pool must not be
// copied.
type Pool struct {
	// The padding keeps each word that all workers poll or write on cache
	// lines of its own: 128 bytes, as the prefetcher fetches lines in pairs.
	_    [128]byte
	next atomic.Int64
	_    [128 - 8]byte
	gate atomic.Uint64
	_    [128 - 8]byte

	spin  atomic.Int64 // nanoseconds
	fault atomic.Pointer[fault]
	done  chan struct{} // from the last worker to a caller that stopped polling

	mu      sync.Mutex // held during a region
	task    Task       // of the region
	n       int        // of the region
	workers []*worker
	limit   int // most participants; 0: as many as GOMAXPROCS
	epoch   uint64
	asked   time.Time // when Awake found none awake
	closed  bool
	exits   sync.WaitGroup
}

// New returns a pool whose regions have up to workers participants, the caller
// among them; with workers <= 0, as many as GOMAXPROCS at the time of each
// region. GOMAXPROCS is a limit in both cases. Goroutines start when a region
// first needs them and stay, holding the pool in memory, until [Pool.Close].
func New(workers int) *Pool {
	p := &Pool{
		limit: max(workers, 0),
		done:  make(chan struct{}, 1),
	}
	p.SetSpin(DefaultSpin)
	return p
}

var defaultPool = New(0)

// Default returns the pool that everything shares unless given another. It
// follows GOMAXPROCS.
func Default() *Pool { return defaultPool }

// SetSpin sets how long an idle worker polls before it parks: longer starts the
// next region sooner, shorter leaves the processor to others. 0 parks at once,
// which suits servers. A worker, or a caller, that a running region has nothing
// left for polls until that ends or, if that takes longer than 1 ms and d, as if it
// had ended then; with 0 it parks at once, too. Regions that are running may not
// notice.
func (p *Pool) SetSpin(d time.Duration) {
	p.spin.Store(int64(d))
}

// Run calls t.Run(worker, i) once for each i in [0, n), on the caller as worker
// 0 and on the pool's goroutines as workers 1 to threads-1, and returns when
// all calls have returned. What was written before Run is visible to the task,
// and what the task wrote is visible after it.
//
// The number of participants is the least of threads, n, GOMAXPROCS and the
// size of the pool. If that is 1 or less, or the pool is running another
// region (as it is when a task calls Run), or is closed, then the caller runs
// all indices itself, in order, as worker 0.
//
// If a task panics then indices not yet begun are skipped, and Run panics with
// the same value once no call is running; if several panic, with one of the
// values. The pool stays usable. As the stack of another goroutine is lost on
// the way, run with threads = 1 to see it.
//
// Run allocates nothing once the goroutines exist, and keeps no reference to t
// after it returns.
func (p *Pool) Run(t Task, n, threads int) {
	threads = min(threads, n, maxWorkers)
	if threads > 1 {
		threads = min(threads, runtime.GOMAXPROCS(0))
	}
	if p.limit > 0 {
		threads = min(threads, p.limit)
	}
	if threads <= 1 || !p.mu.TryLock() {
		inline(t, n)
		return
	}
	if p.closed {
		p.mu.Unlock()
		inline(t, n)
		return
	}
	if f := p.region(t, n, threads); f != nil {
		panic(f.value)
	}
}

func inline(t Task, n int) {
	for i := range n {
		t.Run(0, i)
	}
}

// Close waits for the region that is running, ends the pool's goroutines and
// returns when they have ended. Regions after it run on their callers. Closing
// again does nothing. A task must not close its own pool.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.gate.Store(gateClosing)
	for _, w := range p.workers {
		w.unpark()
	}
	p.exits.Wait()
	p.workers = nil
}
