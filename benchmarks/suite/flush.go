package suite

import "github.com/simdconv/simdconv/kernels/parallel"

// A Flush empties the caches: it reads more memory than they hold, 128 MiB, and
// on every thread more than a second-level cache holds.
type Flush struct {
	pool *parallel.Pool
	sums []byte // of the workers, a cache line apart
}

const (
	flushBytes = 128 << 20
	lineBytes  = 64
)

// flushed is read, never written, so that nothing is left to write back while
// the next call is timed.
var flushed []byte

// NewFlush returns a flush on some threads. It is not safe for concurrent use.
func NewFlush(threads int) *Flush {
	if flushed == nil {
		flushed = make([]byte, flushBytes)
		for i := 0; i < flushBytes; i += lineBytes {
			flushed[i] = 1 // pages that were never written share one page of zeros
		}
	}
	return &Flush{pool: parallel.Default(), sums: make([]byte, threads*lineBytes)}
}

// Do empties the caches.
func (f *Flush) Do() {
	threads := len(f.sums) / lineBytes
	f.pool.Run(share{f}, threads, threads)
}

// A share is one thread's part of a flush.
type share struct{ *Flush }

// Run reads share i of the memory.
func (f share) Run(worker, i int) {
	threads := len(f.sums) / lineBytes
	size := flushBytes / threads
	sum := byte(0)
	for at := i * size; at < (i+1)*size; at += lineBytes {
		sum += flushed[at]
	}
	f.sums[worker*lineBytes] += sum
}
