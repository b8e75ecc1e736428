package kernels

import (
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/random"
)

const badRate = "kernels: dropout rate outside [0, 1)"

// Dropout sets elements to zero with probability rate and makes up for them in
// the others:
//
//	y[i] = x[i] * (1/(1-rate))   if key.Uint32(i) >= rate * 1<<32
//	y[i] = 0                     otherwise, whatever x[i] is
//
// The mask is a function of the key alone, so the same call with dy for x is
// the gradient. y may be x. It panics if rate is outside [0, 1), if the lengths
// differ, or if the slices overlap partially.
//
// N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
// overfitting", JMLR 15 (2014), in the inverted form of section 10.
func (e *Engine) Dropout(y, x []float32, key random.Key, rate float32) {
	if !(rate >= 0 && rate < 1) {
		panic(badRate)
	}
	checkSame(y, x)
	j := rowJob{op: opDropout, y: y, x: x, key: key, drop: uint32(float64(rate) * (1 << 32)), s: 1 / (1 - rate)}
	if !same(y, x) {
		j.stream = micro.Stream(len(y))
	}
	e.rows(&j)
}

// dropout treats elements from index first on, a multiple of 4, of the sequence
// of key, as far as the kernel goes, and leaves the rest to Go.
func dropout(b *micro.Bundle, y, x []float32, key random.Key, first uint64, drop uint32, scale float32, stream uint32) {
	a := micro.DropoutArgs{
		Y: y, X: x, Count2: uint32(key.Stream), Count3: uint32(key.Step),
		Key0: uint32(key.Seed) ^ uint32(key.Stream>>32), Key1: uint32(key.Seed>>32) ^ uint32(key.Step>>32),
		Drop: drop, Scale: scale, Stream: stream,
	}
	for whole := len(y) / micro.DropoutRun * micro.DropoutRun; a.Off < whole; a.Off += a.N {
		a.N = min(whole-a.Off, micro.MaxVector)
		a.Block = int((first + uint64(a.Off)) / 4)
		if !b.Dropout(&a) {
			break
		}
	}
	b.Fence(stream)
	dropBlocks(y[a.Off:], x[a.Off:], key, first+uint64(a.Off), drop, scale)
}

// dropBlocks is dropout in plain Go. Four elements share a block of random
// numbers.
func dropBlocks(y, x []float32, key random.Key, first uint64, drop uint32, scale float32) {
	x = x[:len(y)]
	block := first / 4
	for len(y) >= 4 && len(x) >= 4 {
		r := key.Block(block)
		y[0] = keep(r[0], drop, x[0]*scale)
		y[1] = keep(r[1], drop, x[1]*scale)
		y[2] = keep(r[2], drop, x[2]*scale)
		y[3] = keep(r[3], drop, x[3]*scale)
		y, x = y[4:], x[4:]
		block++
	}
	if len(y) > 0 {
		r := key.Block(block)
		for i := range min(len(y), len(x), len(r)) {
			y[i] = keep(r[i], drop, x[i]*scale)
		}
	}
}

// keep returns v, or 0 if r is below drop.
func keep(r, drop uint32, v float32) float32 {
	b := math.Float32bits(v)
	if r < drop {
		b = 0
	}
	return math.Float32frombits(b)
}
