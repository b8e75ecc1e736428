package kernels_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels"
)

// BenchmarkLayout converts by turns with a copy of the same bytes: %copy is the
// copy's time in that of the converter. The tier is the environment's, SIMDCONV_ISA.
func BenchmarkLayout(b *testing.B) {
	for _, c := range []struct {
		name string
		run  func(dst, src []float32, n, c, h, w int)
		dims [][4]int
	}{
		{"NCHWToNHWC", kernels.NCHWToNHWC, layoutImages},
		{"NHWCToNCHW", kernels.NHWCToNCHW, layoutImages},
		{"OIHWToHWIO", kernels.OIHWToHWIO, layoutFilters},
		{"HWIOToOIHW", kernels.HWIOToOIHW, layoutFilters},
	} {
		for _, d := range c.dims {
			b.Run(fmt.Sprintf("%s/dims=%dx%dx%dx%d", c.name, d[0], d[1], d[2], d[3]), func(b *testing.B) {
				src := uniform(d[0]*d[1]*d[2]*d[3], 1)
				dst := make([]float32, len(src))
				b.SetBytes(int64(8 * len(src)))
				var converting, copying time.Duration
				for b.Loop() {
					start := time.Now()
					c.run(dst, src, d[0], d[1], d[2], d[3])
					middle := time.Now()
					for at := 0; at < len(src); at += copyFloats {
						copy(dst[at:], src[at:min(at+copyFloats, len(src))])
					}
					converting += middle.Sub(start)
					copying += time.Since(middle)
				}
				b.ReportMetric(100*float64(copying)/float64(converting), "%copy")
			})
		}
	}
}

// copyFloats is the floats of one copy. From 1 MiB on Go's copy stores past the caches, and
// the converter after it would have to fetch its result from memory.
const copyFloats = 1 << 17

// layoutImages are the pictures and maps of ResNet-34 and other sizes, N C H W, and
// layoutFilters filters of its kinds, K C R S.
var (
	layoutImages  = [][4]int{{8, 3, 224, 224}, {1, 3, 224, 224}, {1, 64, 56, 56}, {8, 64, 56, 56}, {1, 256, 14, 14}, {1, 512, 7, 7}, {32, 512, 7, 7}, {64, 128, 7, 7}, {1, 128, 28, 28}, {1, 64, 28, 28}, {1, 16, 112, 112}, {1, 32, 56, 56}, {1, 256, 28, 28}, {4, 64, 28, 28}, {1, 20, 24, 24}, {1, 256, 7, 7}, {1, 512, 8, 8}, {1, 384, 13, 13}}
	layoutFilters = [][4]int{{64, 3, 7, 7}, {64, 64, 3, 3}, {128, 64, 1, 1}, {256, 256, 3, 3}, {512, 512, 3, 3}, {512, 256, 1, 1}}
)
