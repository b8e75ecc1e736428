package micro_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels/micro"
)

// BenchmarkCall times single calls at the bounds of the manifest, which no plan
// exceeds: Go cannot stop a goroutine in one. It reports the median and the 99th
// percentile.
func BenchmarkCall(b *testing.B) {
	for tier := micro.AVX2; tier <= micro.AVX512; tier++ {
		if _, err := micro.Resolve(tier); err != nil {
			continue
		}
		u := micro.For(tier)
		for _, c := range longestCalls(u) {
			b.Run(fmt.Sprintf("kernel=%s/isa=%v", c.name, tier), func(b *testing.B) {
				times := make([]float64, 0, b.N)
				for b.Loop() {
					from := time.Now()
					c.call()
					times = append(times, time.Since(from).Seconds()*1e6)
				}
				slices.Sort(times)
				b.ReportMetric(times[len(times)/2], "p50-us")
				b.ReportMetric(times[len(times)*99/100], "p99-us")
			})
		}
	}
}

type longestCall struct {
	name string
	call func()
}

// longestCalls has the kernels that do the most in a call: register tiles over
// MaxSteps, transforms of MaxWinograd channels.
func longestCalls(b *micro.Bundle) []longestCall {
	const n, plane = micro.MaxWinograd, micro.MaxWinograd + 16
	buffers := make([][]float32, 3)
	for i := range buffers {
		buffers[i] = make([]float32, max(64*plane, (b.MR+b.NR)*b.MaxSteps))
	}
	x, y, z := buffers[0], buffers[1], buffers[2]
	segs := []micro.Segment{{K: b.MaxSteps}}
	rows := micro.TileArgs{A: x, B: y, C: z, Segs: segs, LDA: b.MaxSteps, LDC: b.NR, Cols: b.NR}
	outer := micro.TileArgs{A: x, B: y, C: z, Segs: segs, LDA: b.MR, LDB: b.NR, LDC: b.NR, Cols: b.NR}
	planes := micro.PlanesArgs{X: x, V: y, XRow: 8 * n, XCol: n, Plane: plane, N: n}
	filter := micro.PlanesArgs{X: x, V: y, XRow: 3 * n, XCol: n, Plane: plane, N: n}
	pixels := micro.PixelsArgs{M: y, Y: x, YRow: 6 * n, YCol: n, Plane: plane, N: n, Rows: 6, Cols: 6}
	return []longestCall{
		{"rows", func() { b.Rows(b.MR, &rows) }},
		{"outer", func() { b.Outer(b.MR, &outer) }},
		{"winograd8_input", func() { b.WinogradInput(8, &planes) }},
		{"winograd8_filter", func() { b.WinogradFilter(3, 8, &filter) }},
		{"winograd8_output", func() { b.WinogradOutput(8, 6, &pixels) }},
	}
}
