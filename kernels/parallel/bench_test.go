package parallel_test

import (
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels/parallel"
)

// BenchmarkRegion measures an empty region: the cost of starting and ending
// one, with the workers still polling and with the workers parked.
func BenchmarkRegion(b *testing.B) {
	for _, bm := range []struct {
		name string
		spin time.Duration
	}{{"spin", parallel.DefaultSpin}, {"park", 0}} {
		b.Run("idle="+bm.name+"/threads=2", func(b *testing.B) {
			p := newPool(b, 2, 2)
			p.SetSpin(bm.spin)
			var task parallel.Task = taskFunc(func(_, _ int) {})
			b.ReportAllocs()
			for b.Loop() {
				p.Run(task, 2, 2)
			}
		})
	}
}
