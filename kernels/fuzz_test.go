package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
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

// FuzzSoftmax draws rows, their largest number, how far others are from it and one
// number of any bits, and compares every tier with float64 between guard pages.
func FuzzSoftmax(f *testing.F) {
	f.Add(uint16(1), uint8(1), float32(0), float32(1), uint32(0), uint16(0))
	f.Add(uint16(10), uint8(9), float32(-3.5), float32(20), uint32(0xff800000), uint16(13))
	f.Add(uint16(1000), uint8(3), float32(511.9), float32(110), uint32(0x7fc00000), uint16(1500))
	f.Add(uint16(2049), uint8(1), float32(-600), float32(1e3), uint32(0x80000001), uint16(7))
	f.Add(uint16(33), uint8(17), float32(math.MaxFloat32), float32(3e38), uint32(0x7f800000), uint16(33))
	f.Add(uint16(100), uint8(5), float32(1e-30), float32(1e-38), uint32(0x3f800000), uint16(250))
	engines := engines(f)
	f.Fuzz(func(t *testing.T, cols uint16, rows uint8, most, spread float32, bits uint32, at uint16) {
		c := 1 + int(cols)%3000
		n := c * (1 + int(rows)%min(20, 1+20000/c))
		x, y := kerneltest.Guarded(t, n, at&1 != 0), kerneltest.Guarded(t, n, at&1 != 0)
		for i, v := range uniform(n, uint64(cols)) {
			x[i] = most - spread*(v+1)/2
		}
		x[int(at)%n] = math.Float32frombits(bits)
		exact := make([]float64, n)
		ref.Softmax(exact, widen(x), c)
		var first []float32
		for _, e := range engines {
			e.Softmax(y, x, c)
			name := fmt.Sprintf("%v: rows of %d", e.Options().Tier, c)
			near(t, name, y, exact, softmaxBound(c))
			switch {
			case e.Options().Tier == kernels.TierGeneric:
			case first == nil:
				first = clone(y)
			default:
				kerneltest.Equal(t, name+", bits of AVX-512 and AVX2", y, first)
			}
		}
	})
}

// FuzzLayouts draws dimensions and compares the converters with their definitions,
// between guard pages, on the tier of the environment.
func FuzzLayouts(f *testing.F) {
	f.Add(uint16(1), uint16(512), uint16(7), uint16(7), false)
	f.Add(uint16(2), uint16(257), uint16(3), uint16(5), true)
	f.Add(uint16(70), uint16(19), uint16(3), uint16(3), true)
	f.Add(uint16(1), uint16(40), uint16(16), uint16(17), false)
	f.Fuzz(func(t *testing.T, a, b, c, d uint16, atEnd bool) {
		dims := [4]int{int(a) % 150, int(b) % 600, int(c) % 40, int(d) % 40}
		for i := 0; volume(dims) > 1<<19; i++ {
			dims[i%4] = (dims[i%4] + 1) / 2
		}
		checkLayouts(t, dims, atEnd)
	})
}
