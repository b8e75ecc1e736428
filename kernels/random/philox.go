package random

import "math/bits"

// Constants of Philox4x32-10: the multipliers, and the increments of the key,
// which are the golden ratio and the square root of 3 less 1, times 1<<32.
const (
	mul0, mul1   = 0xD2511F53, 0xCD9E8D57
	weyl0, weyl1 = 0x9E3779B9, 0xBB67AE85
	rounds       = 10
)

// philox returns the block of Philox4x32-10 at a counter under a key.
//
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
func philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := key[0], key[1]
	for range rounds {
		p0 := uint64(c0) * mul0
		p1 := uint64(c2) * mul1
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += weyl0
		k1 += weyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// A Key names one sequence of random numbers. The sequence is a pure function
// of the key: element i is the same whoever computes it, in whatever order and
// on how many threads. By convention Seed belongs to the run, Stream to the
// layer or other consumer, and Step to the training step.
//
// Element i is word i%4 of the Philox4x32-10 block with
//
//	counter = (lo(i/4), hi(i/4), lo(Stream), lo(Step))
//	key     = (lo(Seed) ^ hi(Stream), hi(Seed) ^ hi(Step))
//
// where lo and hi are the lower and upper 32 bits. No two keys with the same seed
// meet in a counter and key, nor do two whose streams and steps are below 1<<32.
type Key struct {
	Seed, Stream, Step uint64
}

// Block returns elements 4*j to 4*j+3 of the sequence, at the price of one.
func (k Key) Block(j uint64) [4]uint32 {
	return philox(
		[4]uint32{uint32(j), uint32(j >> 32), uint32(k.Stream), uint32(k.Step)},
		[2]uint32{uint32(k.Seed) ^ uint32(k.Stream>>32), uint32(k.Seed>>32) ^ uint32(k.Step>>32)})
}

// Uint32 returns element i of the sequence.
func (k Key) Uint32(i uint64) uint32 {
	return k.Block(i / 4)[i%4]
}

// uint64n returns a number in [0, n) without bias, and the index of the next
// unused 64-bit draw. Draw j is made of elements 2*j and 2*j+1.
//
// D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29
// (2019): the high half of draw*n is uniform once the few draws with a low
// half below (1<<64) % n are rejected.
func (k Key) uint64n(j, n uint64) (value, next uint64) {
	reject := -n % n
	for {
		draw := uint64(k.Uint32(2*j))<<32 | uint64(k.Uint32(2*j+1))
		j++
		hi, lo := bits.Mul64(draw, n)
		if lo >= reject {
			return hi, j
		}
	}
}
