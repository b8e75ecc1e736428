package benchmarks

import (
	"runtime"
	"testing"
	"time"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// A sample is what a row of BenchmarkConv or BenchmarkGemm times.
type sample struct {
	call    func() error
	flop    float64 // of one call
	tier    kernels.Tier
	threads int
	cold    bool
}

// measure times the calls between two looks at the FMA roof and reports both.
func (s sample) measure(b *testing.B) {
	if most := runtime.GOMAXPROCS(0); s.threads > most {
		b.Fatalf("threads=%d, but GOMAXPROCS is %d", s.threads, most)
	}
	before, err := roof.FMA(s.tier, s.threads)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	loop := s.warm
	if s.cold {
		loop = s.fromMemory
	}
	spent := loop(b)
	after, err := roof.FMA(s.tier, s.threads)
	if err != nil {
		b.Fatal(err)
	}
	rate := s.flop * float64(b.N) / max(spent, 1).Seconds()
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric(100*rate/roof.Median(append(before, after...)), "%peak")
}

// warm calls again and again on the same operands.
func (s sample) warm(b *testing.B) time.Duration {
	for b.Loop() {
		if err := s.call(); err != nil {
			b.Fatal(err)
		}
	}
	return b.Elapsed()
}

// fromMemory empties the caches before each call. It keeps the time of the calls
// itself: the benchmark's own clock also bounds the time spent on emptying, and
// stopping it would stop the world each time.
func (s sample) fromMemory(b *testing.B) time.Duration {
	f := suite.NewFlush(s.threads)
	spent := time.Duration(0)
	for b.Loop() {
		f.Do()
		start := time.Now()
		err := s.call()
		spent += time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "ns/op")
	return spent
}
