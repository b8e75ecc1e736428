package safetensors

import (
	"encoding/binary"
	"math"
)

// A DType is the type of a tensor's values, as the format writes it.
type DType string

// The types that are converted to float32. All others of the format can be
// listed, but not loaded.
const (
	F32  DType = "F32"
	F16  DType = "F16"  // IEEE 754 binary16
	BF16 DType = "BF16" // the upper half of a float32
	F64  DType = "F64"  // rounded to nearest
)

// Float reports whether values of the type can be read as float32.
func (d DType) Float() bool { return d == F32 || d == F16 || d == BF16 || d == F64 }

// Bits returns the size of one value, or 0 if the format has no such type.
func (d DType) Bits() int {
	switch d {
	case "F4":
		return 4
	case "F6_E2M3", "F6_E3M2":
		return 6
	case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ":
		return 8
	case "U16", "I16", F16, BF16:
		return 16
	case "U32", "I32", F32:
		return 32
	case "U64", "I64", "C64", F64:
		return 64
	}
	return 0
}

// decode converts the values in b, as many as dst has.
func decode(dst []float32, b []byte, d DType) {
	switch d {
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case F16:
		for i := range dst {
			dst[i] = half(binary.LittleEndian.Uint16(b[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		}
	case F64:
		for i := range dst {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		}
	}
}

// half converts binary16, 1 sign, 5 exponent (bias 15) and 10 mantissa bits,
// which is always exact.
func half(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent := uint32(h >> 10 & 0x1f)
	mantissa := uint32(h & 0x3ff)
	switch exponent {
	case 0: // zero and denormals, whose unit is 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(mantissa)*0x1p-24))
	case 0x1f: // infinities and NaN
		return math.Float32frombits(sign | 0xff<<23 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}
