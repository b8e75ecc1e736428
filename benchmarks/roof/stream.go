package roof

import "fmt"

const (
	maxBytes = 1 << 30
	moved    = 1 << 18 // bytes between two looks at the clock
)

// A Traffic is the memory that a loop goes through once: bytes read, bytes
// written and bytes updated in place, each of them another. They are rounded up
// to whole 8-byte words for each thread.
type Traffic struct{ Read, Write, Update int }

// Bytes is what passes between memory and processor: updates count twice.
func (t Traffic) Bytes() int { return t.Read + t.Write + 2*t.Update }

// A Loop is a loop over memory of its own, allocated and written to once, so that
// its rates can be taken again and again. It is not safe for concurrent use.
type Loop struct{ parts []*stream }

// NewStream returns a loop with that traffic, shared evenly by the threads: block
// by block it copies as much as is both read and written, adds up or clears what
// remains, and updates. Stores pass through the caches, as those of a kernel whose
// result is needed next. The loop goes over the same memory again and again, so
// its footprint, Read + Write + Update, decides which cache it runs in.
//
// It returns an error if the sizes are negative, all zero or above 1 GiB, or if
// threads is below 1.
func NewStream(t Traffic, threads int) (*Loop, error) {
	if err := checkThreads(threads); err != nil {
		return nil, err
	}
	if least, most := min(t.Read, t.Write, t.Update), max(t.Read, t.Write, t.Update); least < 0 || most < 1 || most > maxBytes {
		return nil, fmt.Errorf("roof: traffic of %d bytes read, %d written and %d updated, want 0 to %d, not all 0", t.Read, t.Write, t.Update, maxBytes)
	}
	l := &Loop{parts: make([]*stream, threads)}
	for i := range l.parts {
		l.parts[i] = newStream(words(t.Read, threads), words(t.Write, threads), words(t.Update, threads))
	}
	return l, nil
}

// Rates returns the rates of some bursts, in bytes per second read and written.
func (l *Loop) Rates() []float64 {
	return measure(len(l.parts), func(thread int) float64 { return l.parts[thread].run() })
}

// Stream returns the rates of a [Loop] that is used once.
func Stream(t Traffic, threads int) ([]float64, error) {
	l, err := NewStream(t, threads)
	if err != nil {
		return nil, err
	}
	return l.Rates(), nil
}

// words returns each thread's share of some bytes, in words.
func words(bytes, threads int) int { return (bytes + 8*threads - 1) / (8 * threads) }

// A stream is one thread's share.
type stream struct {
	src, dst, own []uint64
	passes        int // in one run
	sum           uint64
}

func newStream(read, write, update int) *stream {
	s := &stream{src: make([]uint64, read), dst: make([]uint64, write), own: make([]uint64, update)}
	for i := range s.src {
		s.src[i] = uint64(i) + 1
	}
	clear(s.dst) // memory that was never touched is not there yet
	clear(s.own)
	s.passes = 1 + moved/s.bytes()
	return s
}

func (s *stream) bytes() int { return 8 * (len(s.src) + len(s.dst) + 2*len(s.own)) }

// streamBlock is the bytes of the largest operand in a block.
const streamBlock = 8 << 10

// run goes through the memory a few times and returns the bytes read and
// written.
func (s *stream) run() float64 {
	n := min(len(s.src), len(s.dst))
	blocks := 1 + max(len(s.src), len(s.dst), len(s.own))*8/streamBlock
	for range s.passes {
		for i := range blocks {
			move(share(s.dst[:n], blocks, i), share(s.src[:n], blocks, i))
			s.sum += sum(share(s.src[n:], blocks, i))
			wipe(share(s.dst[n:], blocks, i))
			increment(share(s.own, blocks, i))
		}
	}
	return float64(s.passes) * float64(s.bytes())
}

// share returns part i of some parts of x.
func share(x []uint64, parts, i int) []uint64 {
	return x[len(x)*i/parts : len(x)*(i+1)/parts]
}

// move and wipe are loops of plain stores. Go's copy and clear are string
// instructions on some processors, which write whole lines without reading them
// first: half as fast again in memory, and no measure for kernels that compute.

func move(dst, src []uint64) {
	for ; len(dst) >= 8 && len(src) >= 8; dst, src = dst[8:], src[8:] {
		*(*[8]uint64)(dst) = *(*[8]uint64)(src)
	}
	copy(dst, src)
}

func wipe(x []uint64) {
	for ; len(x) >= 8; x = x[8:] {
		*(*[8]uint64)(x) = [8]uint64{}
	}
	clear(x)
}

func increment(x []uint64) {
	for ; len(x) >= 4; x = x[4:] {
		v := (*[4]uint64)(x)
		v[0]++
		v[1]++
		v[2]++
		v[3]++
	}
	for i := range x {
		x[i]++
	}
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
