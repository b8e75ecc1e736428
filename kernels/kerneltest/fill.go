package kerneltest

import "math/rand/v2"

// source returns the generator that the fills of one seed share.
func source(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
}

// FillInts fills dst with integers drawn uniformly from [-max, max]. A sum of n
// products of two such values is exact in float32, in any order, as long as
// n*max*max is at most 1<<24. The same seed gives the same values on every
// system.
func FillInts(dst []float32, seed uint64, max int) {
	r := source(seed)
	for i := range dst {
		dst[i] = float32(r.IntN(2*max+1) - max)
	}
}

// FillUniform fills dst with numbers drawn uniformly from [-1, 1), multiples of
// 1/(1<<23). The same seed gives the same values on every system.
func FillUniform(dst []float32, seed uint64) {
	r := source(seed)
	for i := range dst {
		dst[i] = float32(int32(r.Uint32()>>8)-1<<23) / (1 << 23)
	}
}
