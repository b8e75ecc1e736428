package benchmarks

import (
	"runtime"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/suite"
)

func runMemory(b *testing.B, rows []suite.Memory) {
	for _, r := range rows {
		b.Run(r.Name(suite.Impl), func(b *testing.B) { runMemoryRow(b, r, r.Stream) })
	}
}

// runMemoryRow checks one row's result, then times the calls between two looks
// at the stream loop.
func runMemoryRow(b *testing.B, r suite.Memory, stream func() (*roof.Loop, error)) {
	if most := runtime.GOMAXPROCS(0); r.Threads > most {
		b.Fatalf("threads=%d, but GOMAXPROCS is %d", r.Threads, most)
	}
	in, out := r.Op.Operands()
	call, err := r.Call(in, out)
	if err != nil {
		b.Fatal(err)
	}
	want := r.Op.Want(in, out)
	if err := call(); err != nil {
		b.Fatal(err)
	}
	if err := suite.CheckMemory(r.Op, out, want); err != nil {
		b.Fatal(err)
	}
	loop, err := stream()
	if err != nil {
		b.Fatal(err)
	}
	rates := loop.Rates()
	b.ReportAllocs()
	s := sample{call: call, tier: r.Tier, threads: r.Threads}
	timed := s.warm
	if r.Cold {
		timed = s.fromMemory
	}
	spent := timed(b)
	rates = append(rates, loop.Rates()...)
	perSecond := float64(b.N) / max(spent, 1).Seconds()
	b.ReportMetric(float64(r.Op.Bytes())*perSecond/1e9, "GB/s")
	b.ReportMetric(100*float64(r.Op.Traffic().Bytes())*perSecond/roof.Median(rates), "%stream")
}
