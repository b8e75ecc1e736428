package kernels_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// FuzzGemm draws sizes, gaps and options, and compares every tier with the
// definition on small integers between guard pages.
func FuzzGemm(f *testing.F) {
	f.Add(uint16(1), uint16(1), uint16(1), uint16(0), uint16(0))
	f.Add(uint16(14), uint16(32), uint16(384), uint16(1), uint16(0x3))
	f.Add(uint16(15), uint16(33), uint16(385), uint16(2), uint16(0x1c4))
	f.Add(uint16(6), uint16(16), uint16(0), uint16(7), uint16(0xff5))
	f.Add(uint16(29), uint16(321), uint16(17), uint16(1003), uint16(0xffff))
	f.Add(uint16(0), uint16(5), uint16(9), uint16(4), uint16(0x20))
	engines := engines(f)
	f.Fuzz(func(t *testing.T, m, n, k, gap, options uint16) {
		bit := func(i int) bool { return options>>i&1 != 0 }
		p := product{
			m: int(m) % 64, n: int(n) % 400, k: int(k) % 800,
			transA: bit(0), transB: bit(1), gapA: int(gap) % 1100, gapB: int(gap) % 7, gapC: int(gap) % 5, gapR: int(gap) % 3,
			epilogue: bit(3), scale: bit(4), bias: bit(5), residual: bit(6),
			alpha: factors[options>>8%5], beta: factors[options>>11%5],
		}
		if bit(7) {
			p.act = kernels.ActReLU
		}
		alloc := func(n int) []float32 { return kerneltest.Guarded(t, n, bit(2)) }
		checkExact(t, engines, p, alloc)
	})
}
