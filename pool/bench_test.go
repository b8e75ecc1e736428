package pool_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/pool"
)

// BenchmarkPool runs the first pooling of a residual network. Its GB/s count
// every operand once.
func BenchmarkPool(b *testing.B) {
	s := pool.Shape{N: 1, C: 64, Window: geometry.Window{H: 112, W: 112, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()}
	for _, op := range ops {
		for _, threads := range []int{1, 2} {
			p := newPlan(b, op, s, kernels.Options{Threads: threads})
			ws := p.NewWorkspace()
			x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
			kerneltest.FillUniform(x, 1)
			bytes := int64(4 * (p.XLen() + p.YLen()))
			var arg []uint8
			if op == pool.Max {
				arg = make([]uint8, p.YLen())
				bytes += int64(p.YLen())
			}
			b.Run(fmt.Sprintf("op=%v/pass=fwd/n=1/threads=%d", op, threads), func(b *testing.B) {
				b.SetBytes(bytes)
				for b.Loop() {
					must(b, p.Forward(ws, y, arg, x))
				}
			})
			b.Run(fmt.Sprintf("op=%v/pass=bwddata/n=1/threads=%d", op, threads), func(b *testing.B) {
				b.SetBytes(bytes)
				for b.Loop() {
					must(b, p.Backward(ws, x, y, arg))
				}
			})
		}
	}
}
