package benchmarks

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/roof"
)

// BenchmarkRoof measures the machine alone: multiply-adds on registers for each
// tier and number of threads, and loops over footprints that fit the first
// cache, the second, the third and none.
func BenchmarkRoof(b *testing.B) {
	for _, threads := range asked.Threads {
		for _, tier := range asked.Tiers {
			report(b, fmt.Sprintf("op=fma/isa=%v/threads=%d", tier, threads), "GFLOP/s",
				func() ([]float64, error) { return roof.FMA(tier, threads) })
		}
		for _, bytes := range []int{16 << 10, 512 << 10, 8 << 20, 256 << 20} {
			for _, loop := range []struct {
				op string
				roof.Traffic
			}{
				{"read", roof.Traffic{Read: bytes}},
				{"copy", roof.Traffic{Read: bytes / 2, Write: bytes / 2}},
			} {
				report(b, fmt.Sprintf("op=%s/bytes=%d/threads=%d", loop.op, bytes, threads), "GB/s",
					func() ([]float64, error) { return roof.Stream(loop.Traffic, threads) })
			}
		}
	}
}

// report runs one row of BenchmarkRoof: the median of as many bursts as fit into
// the time of a row.
func report(b *testing.B, name, unit string, measure func() ([]float64, error)) {
	b.Run("impl=simdconv/"+name, func(b *testing.B) {
		var all []float64
		for b.Loop() {
			rates, err := measure()
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, rates...)
		}
		b.ReportMetric(roof.Median(all)/1e9, unit)
		b.ReportMetric(0, "ns/op") // says nothing here
	})
}
