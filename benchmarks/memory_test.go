package benchmarks

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A memoryRow is one row of BenchmarkPool, BenchmarkBatchNorm or BenchmarkVec.
type memoryRow struct {
	label   string // what is between impl and isa
	n       int    // images; 0 if the row knows none
	tier    kernels.Tier
	threads int
	cold    bool

	bytes   int // each distinct operand once
	traffic roof.Traffic
	// prepare allocates the operands and returns what is timed.
	prepare func(r memoryRow) (call func() error, err error)
}

func (r memoryRow) name() string {
	name := fmt.Sprintf("impl=%s/%s/isa=%v", suite.Impl, r.label, r.tier)
	if r.n > 0 {
		name += fmt.Sprintf("/n=%d", r.n)
	}
	return fmt.Sprintf("%s/threads=%d%s", name, r.threads, suite.Cache(r.cold))
}

func (r memoryRow) options() kernels.Options {
	return kernels.Options{Tier: r.tier, Threads: r.threads}
}

// memoryRows returns the rows of a tour, those of one operation together.
func memoryRows(t suite.Tour, rows func(n int) []memoryRow) (all []memoryRow) {
	for _, n := range t.Batches {
		for _, r := range rows(n) {
			for _, r.tier = range t.Tiers {
				for _, r.threads = range t.Threads {
					r.cold = t.Cold
					all = append(all, r)
				}
			}
		}
	}
	return all
}

// streamBytes is the footprint of the stream loop for rows beyond the caches:
// as slow as any larger one.
const streamBytes = 192 << 20

// stream returns the rates of the loop with the row's traffic, as far from the
// processor as the row's own.
func (r memoryRow) stream() ([]float64, error) {
	t := r.traffic
	size := t.Read + t.Write + t.Update
	if r.cold || size > streamBytes {
		scale := func(bytes int) int { return int(float64(bytes) / float64(size) * streamBytes) }
		t = roof.Traffic{Read: scale(t.Read), Write: scale(t.Write), Update: scale(t.Update)}
	}
	return roof.Stream(t, r.threads)
}

// run times the calls between two looks at the stream loop.
func (r memoryRow) run(b *testing.B) {
	if most := runtime.GOMAXPROCS(0); r.threads > most {
		b.Fatalf("threads=%d, but GOMAXPROCS is %d", r.threads, most)
	}
	call, err := r.prepare(r)
	if err != nil {
		b.Fatal(err)
	}
	if err := call(); err != nil {
		b.Fatal(err)
	}
	before, err := r.stream()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	s := sample{call: call, tier: r.tier, threads: r.threads}
	loop := s.warm
	if r.cold {
		loop = s.fromMemory
	}
	spent := loop(b)
	after, err := r.stream()
	if err != nil {
		b.Fatal(err)
	}
	perSecond := float64(b.N) / max(spent, 1).Seconds()
	b.ReportMetric(float64(r.bytes)*perSecond/1e9, "GB/s")
	b.ReportMetric(100*float64(r.traffic.Bytes())*perSecond/roof.Median(append(before, after...)), "%stream")
}

// filled returns n random numbers.
func filled(n int, seed uint64) []float32 {
	x := make([]float32, n)
	kerneltest.FillUniform(x, seed)
	return x
}
