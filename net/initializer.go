package net

import (
	"math"

	"github.com/simdconv/simdconv/kernels/random"
)

// An Initializer gives a parameter its first values.
type Initializer interface {
	Init(w []float32, shape Shape, key random.Key)
}

// orInit returns given, or def where there is none.
func orInit(given, def Initializer) Initializer {
	if given == nil {
		return def
	}
	return given
}

// Zeros is Keras's initialiser for biases.
type Zeros struct{}

// Init fills w with zeros.
func (Zeros) Init(w []float32, _ Shape, _ random.Key) { clear(w) }

// Ones is Keras's initialiser for the scale of a normalisation.
type Ones struct{}

// Init fills w with ones.
func (Ones) Init(w []float32, _ Shape, _ random.Key) { Constant(1).Init(w, nil, random.Key{}) }

// Constant is one number for all: Constant(0.2).
type Constant float32

// Init fills w with the number.
func (v Constant) Init(w []float32, _ Shape, _ random.Key) {
	for i := range w {
		w[i] = float32(v)
	}
}

// GlorotUniform is Keras's default for kernels: uniform in [-l, l) with
// l = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, AISTATS 2010).
type GlorotUniform struct{}

// Init fills w with element i of the key's stream at index i.
func (GlorotUniform) Init(w []float32, shape Shape, key random.Key) {
	in, out := Fans(shape)
	uniform(w, 6/float64(in+out), key)
}

// GlorotNormal is normal with deviation sqrt(2 / (fan_in + fan_out)), without
// what lies beyond two deviations of the distribution that is cut off.
type GlorotNormal struct{}

// Init fills w with element i of the key's stream at index i.
func (GlorotNormal) Init(w []float32, shape Shape, key random.Key) {
	in, out := Fans(shape)
	truncatedNormal(w, 2/float64(in+out), key)
}

// HeUniform is uniform in [-l, l) with l = sqrt(6 / fan_in), for layers that
// end in a ReLU (He et al., ICCV 2015).
type HeUniform struct{}

// Init fills w with element i of the key's stream at index i.
func (HeUniform) Init(w []float32, shape Shape, key random.Key) {
	in, _ := Fans(shape)
	uniform(w, 6/float64(in), key)
}

// HeNormal is normal with deviation sqrt(2 / fan_in), without what lies beyond
// two deviations of the distribution that is cut off.
type HeNormal struct{}

// Init fills w with element i of the key's stream at index i.
func (HeNormal) Init(w []float32, shape Shape, key random.Key) {
	in, _ := Fans(shape)
	truncatedNormal(w, 2/float64(in), key)
}

// uniform fills w with numbers in [-l, l), l*l being the square.
func uniform(w []float32, square float64, key random.Key) {
	limit := float32(math.Sqrt(square))
	key.FillUniform(w, -limit, limit)
}

// truncatedNormal fills w with normal numbers within two deviations, scaled so
// that what is left has the given variance:
//
//	w = s * sqrt(2) * erfinv((2*u-1) * erf(sqrt(2))),  u uniform in (0, 1)
//
// the inverse of the distribution function, so that one draw makes one number.
func truncatedNormal(w []float32, variance float64, key random.Key) {
	const left = 0.87962566103423978 // deviation of the normal distribution cut off at 2
	inside := math.Erf(math.Sqrt2)
	scale := math.Sqrt2 * math.Sqrt(variance) / left
	for i := 0; i < len(w); i += 4 {
		b := key.Block(uint64(i / 4))
		for j := range min(4, len(w)-i) {
			u := (float64(b[j]) + 0.5) / (1 << 32)
			w[i+j] = float32(scale * math.Erfinv((2*u-1)*inside))
		}
	}
}

// Fans returns Keras's fan_in and fan_out of a parameter: [in, out] as they
// are, a kernel [R, S, C, K] as R*S*C and R*S*K, a vector [n] as n and n.
func Fans(shape Shape) (in, out int) {
	if len(shape) == 1 {
		return shape[0], shape[0]
	}
	last := len(shape) - 2
	field := shape[:last].Len()
	return field * shape[last], field * shape[last+1]
}
