package bn_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
)

// BenchmarkBatchNorm runs a layer of a residual network. Its GB/s count every
// operand once.
func BenchmarkBatchNorm(b *testing.B) {
	const m, c = 4 * 56 * 56, 64
	for _, threads := range []int{1, 2} {
		l := newLayer(b, m, c, bn.Options{Options: kernels.Options{Threads: threads}}, heap)
		run := func(pass string, tensors int64, call func()) {
			b.Run(fmt.Sprintf("pass=%s/n=4/threads=%d", pass, threads), func(b *testing.B) {
				b.SetBytes(tensors * 4 * m * c)
				for b.Loop() {
					call()
				}
			})
		}
		run("train", 2, func() { l.train(b) })
		run("infer", 2, func() { must(b, l.Infer(l.ws, l.y, l.x, l.q)) })
		run("bwddata", 3, func() { l.backward(b) })
	}
}
