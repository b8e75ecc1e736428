package random

import "math"

// Float32 returns element i as a number in [0, 1): its upper 24 bits over
// 1<<24.
func (k Key) Float32(i uint64) float32 {
	return unit(k.Uint32(i))
}

// unit maps x to a multiple of 1/(1<<24) in [0, 1).
func unit(x uint32) float32 {
	return float32(x>>8) / (1 << 24)
}

// Normal returns element i of a sequence with the standard normal
// distribution. Elements 2*j and 2*j+1 are the Box-Muller transform
//
//	sqrt(-2 log u) * (cos(2 pi v), sin(2 pi v)),  u in (0, 1], v in [0, 1)
//
// of the uniform elements 2*j and 2*j+1. No result is above 6.67 in magnitude.
// It is computed in float64 and rounded; since mathematical functions differ
// slightly between architectures, so may the last bit.
//
// G. E. P. Box, M. E. Muller, "A note on the generation of random normal
// deviates", Annals of Mathematical Statistics 29 (1958).
func (k Key) Normal(i uint64) float32 {
	return normals(k.Block(i / 4))[i%4]
}

// normals transforms a block of uniform elements.
func normals(b [4]uint32) (z [4]float32) {
	for p := 0; p < 4; p += 2 {
		u := (float64(b[p]) + 1) / (1 << 32)
		v := float64(b[p+1]) / (1 << 32)
		r := math.Sqrt(-2 * math.Log(u))
		sin, cos := math.Sincos(2 * math.Pi * v)
		z[p], z[p+1] = float32(r*cos), float32(r*sin)
	}
	return z
}

// FillUniform sets dst[i] = lo + (hi-lo)*Float32(i), a number in [lo, hi) if
// lo < hi. It does not allocate.
func (k Key) FillUniform(dst []float32, lo, hi float32) {
	for i := 0; i < len(dst); i += 4 {
		b := k.Block(uint64(i / 4))
		for j := range min(4, len(dst)-i) {
			dst[i+j] = uniform(unit(b[j]), lo, hi)
		}
	}
}

// uniform maps u in [0, 1) to [lo, hi). The product is rounded before the sum,
// so that no architecture fuses them.
func uniform(u, lo, hi float32) float32 {
	v := lo + float32((hi-lo)*u)
	if v >= hi && lo < hi {
		return math.Nextafter32(hi, lo)
	}
	return v
}

// FillNormal sets dst[i] = mean + std*Normal(i). It does not allocate.
func (k Key) FillNormal(dst []float32, mean, std float32) {
	for i := 0; i < len(dst); i += 4 {
		z := normals(k.Block(uint64(i / 4)))
		for j := range min(4, len(dst)-i) {
			dst[i+j] = mean + float32(std*z[j])
		}
	}
}

// Perm fills dst with a permutation of 0 to len(dst)-1, each equally likely: a
// Fisher-Yates shuffle whose draws are free of bias. It does not allocate.
func (k Key) Perm(dst []int) {
	for i := range dst {
		dst[i] = i
	}
	var j, next uint64
	for i := len(dst) - 1; i > 0; i-- {
		j, next = k.uint64n(next, uint64(i)+1)
		dst[i], dst[j] = dst[j], dst[i]
	}
}
