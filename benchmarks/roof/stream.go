package roof

import "fmt"

const (
	maxBytes = 1 << 30
	moved    = 1 << 18 // bytes between two looks at the clock
)

// A Traffic is the memory that a loop goes through once: bytes read and bytes
// written, each of them another. Both are rounded up to whole 8-byte words for
// each thread.
type Traffic struct{ Read, Write int }

// Stream returns the rates, in bytes per second read and written, of some bursts
// of a loop with that traffic, shared evenly by the threads: it copies as much
// as is both read and written, then adds up or clears what remains. The loop
// goes over the same memory again and again, so its footprint, Read + Write,
// decides which cache it runs in.
//
// It returns an error if the sizes are negative, both zero or above 1 GiB, or
// if threads is below 1.
func Stream(t Traffic, threads int) ([]float64, error) {
	if err := checkThreads(threads); err != nil {
		return nil, err
	}
	if min(t.Read, t.Write) < 0 || max(t.Read, t.Write) < 1 || max(t.Read, t.Write) > maxBytes {
		return nil, fmt.Errorf("roof: traffic of %d bytes read and %d written, want 0 to %d, not both 0", t.Read, t.Write, maxBytes)
	}
	parts := make([]*stream, threads)
	for i := range parts {
		parts[i] = newStream(words(t.Read, threads), words(t.Write, threads))
	}
	return measure(threads, func(thread int) float64 { return parts[thread].run() }), nil
}

// words returns each thread's share of some bytes, in words.
func words(bytes, threads int) int { return (bytes + 8*threads - 1) / (8 * threads) }

// A stream is one thread's share.
type stream struct {
	src, dst []uint64
	passes   int // in one run
	sum      uint64
}

func newStream(read, write int) *stream {
	s := &stream{src: make([]uint64, read), dst: make([]uint64, write)}
	for i := range s.src {
		s.src[i] = uint64(i) + 1
	}
	clear(s.dst) // memory that was never touched is not there yet
	s.passes = 1 + moved/s.bytes()
	return s
}

func (s *stream) bytes() int { return 8 * (len(s.src) + len(s.dst)) }

// run goes through the memory a few times and returns the bytes read and
// written.
func (s *stream) run() float64 {
	for range s.passes {
		n := copy(s.dst, s.src)
		s.sum += sum(s.src[n:])
		clear(s.dst[n:])
	}
	return float64(s.passes) * float64(s.bytes())
}

// sum adds up x in four chains, so that loads and not additions set the pace.
func sum(x []uint64) uint64 {
	var a, b, c, d uint64
	for ; len(x) >= 8; x = x[8:] {
		v := (*[8]uint64)(x)
		a += v[0] + v[4]
		b += v[1] + v[5]
		c += v[2] + v[6]
		d += v[3] + v[7]
	}
	for _, v := range x {
		a += v
	}
	return a + b + c + d
}
