package micro

import (
	"math"

	"github.com/simdconv/simdconv/asm"
)

// VectorArgs are the operands of an element-wise kernel.
type VectorArgs = asm.VectorArgs

// MaxVector is the most elements of one call of [Bundle.Vector].
const MaxVector = asm.MaxVector

// A VectorOp names an element-wise kernel. Operands are those of VectorArgs.
type VectorOp uint8

// The element-wise kernels. Products are rounded before they are added, and
// every operation is that of IEEE 754: all tiers give the same bits.
const (
	OpFill              VectorOp = iota // X0 = S0
	OpScale                             // X0 = X0 * S0
	OpAxpy                              // X0 = X0 + S0*X1
	OpAdd                               // X0 = X1 + X2
	OpMul                               // X0 = X1 * X2
	OpReLU                              // X0 = 0 where X1 < 0, else X1
	OpReLUBackward                      // X0 = X1 where X2 > 0, else 0
	OpLeakyReLU                         // X0 = S0*X1 where X1 < 0, else X1
	OpLeakyReLUBackward                 // X0 = X1 where X2 > 0, else S0*X1
	OpSigmoidBackward                   // X0 = (X1*X2) * (S0-X2)
	OpTanhBackward                      // X0 = X1 * (S0 - X2*X2)
	OpQuotient                          // X0 = X1 / S0
	OpOffset                            // X0 = (X1 - S0) - S1

	// Local response normalisation with a power of -3/4.

	OpPower      // X0 = X1 * (S0/(r*sqrt(r))), r = sqrt(X2)
	OpPowerTerms // the same with X3 for X2, and X3 = (X0*X2)/X3
	OpSubProduct // X0 = X0 - (S0*X1)*X2

	// Steps of optimizers. X0 is w, the last operand g, the others slots.

	OpSGD                     // X0 = X0 - S0*X2
	OpMomentum                // X1 = S1*X1 - S0*X2, X0 = X0 + X1
	OpNesterov                // X1 as in OpMomentum, X0 = X0 + (S1*X1 - S0*X2)
	OpAdam                    // X1 += (X3-X1)*S1, X2 += (X3*X3-X2)*S2, X0 -= X1*S0/(sqrt(X2)+S3)
	OpAdamW                   // X0 = X0 - X0*S4 and then OpAdam
	OpRMSprop                 // X1 = S1*X1 + S4*X4*X4, X0 -= S0*X4/sqrt(X1+S3)
	OpRMSpropMomentum         // X2 = S2*X2 + the step of OpRMSprop, X0 -= X2
	OpRMSpropCentered         // X3 = S1*X3 + S4*X4, and X1 - X3*X3 for X1 in the step
	OpRMSpropCenteredMomentum // both

	// Functions, in which the tiers differ by their errors: AVX2 and AVX-512 have
	// the same bits. The error is at most 1 unit in the last place, or 2 of
	// OpSigmoid and OpTanh.

	OpExp     // X0 = exp(X1)
	OpSigmoid // X0 = 1/(1+exp(-X1))
	OpTanh    // X0 = tanh(X1)

	// A quotient by the reciprocal in two parts, for X1 from 0 on and S0 from 1 on: its
	// error is half a unit in the last place and 2^-23 more, and at most one unit below
	// 2^-100. Division takes three times as long and more.

	OpShare // X0 = X1 / S0, with the numbers of ShareArgs(S0)

	// Reductions. X4 has 16 elements, whatever Off is.

	OpFinite   // Found = 0 if all of X0 is finite
	OpLargest  // X4 = 16 numbers whose maximum is that of X0, NaN if it has one
	OpExpSum   // X4[i%16] += ExpScale*exp(X1[i] - M), counting i from Off, with S0 to S4 of ExpArgs(M)
	OpExpStore // and X0 = what is added

	// All of a softmax: Rows rows of N elements, one after another from Off on,
	// together at most MaxVector. X4 has SoftmaxNumbers elements for each, which are
	// changed.

	OpSoftmax // X0 = exp(X1 - M) / sum, M and the sum being of the row

	// Sums of neighbours, also of the two on either side of the elements, with the
	// same bits in all tiers. X0 must not overlap X1.

	OpWindow // X0[i] = S0 + S1 * (X1[i-2] + X1[i-1] + X1[i] + X1[i+1] + X1[i+2])
)

// ExpScale is what [OpExpSum] and [OpExpStore] multiply by: all exponentials are
// normal numbers, and none is infinite.
const ExpScale = 1 << 65

// ShareArgs returns the numbers of [OpShare] for a divisor: S1 is its reciprocal and
// S2 what rounding took from that.
func ShareArgs(s float32) VectorArgs {
	inverse := 1 / s
	return VectorArgs{S0: s, S1: inverse, S2: float32(1-float64(s)*float64(inverse)) * inverse}
}

// SoftmaxNumbers is what [OpSoftmax] needs of X4 for each row.
const SoftmaxNumbers = 8

// ExpArgs returns the numbers of [OpExpSum] and [OpExpStore] for elements up to m,
// which is finite. The difference to a large m is exact where it counts. That to
// a small one is not, but m has a part of few digits, from which a multiple of a
// log(2) of few digits can be subtracted exactly, and then the element.
//
// W. J. Cody, W. Waite, "Software manual for the elementary functions", 1980,
// chapter 6.
func ExpArgs(m float32) VectorArgs {
	const (
		large = 512 // more than twice any difference with an exponential
		digit = 1 << 14
		least = 105 // exp(-least) is 0
	)
	if m >= large || m <= -large {
		return VectorArgs{S0: m, S2: -least}
	}
	head := float32(math.RoundToEven(float64(m)*digit) / digit)
	return VectorArgs{S1: float32(-math.Log2E * float64(m)), S2: m - least, S3: -head, S4: head - m}
}

const badOp = "micro: unknown vector operation"

// Vector runs an element-wise kernel on elements a.Off to a.Off+a.N-1, at most
// [MaxVector]. A result may be an operand itself, and must not overlap one
// otherwise.
func (b *Bundle) Vector(op VectorOp, a *VectorArgs) { vector(b.Tier, op, a) }

// Fold adds up the 16 sums of a reduction as a tree, 8 onto 8, 4 onto 4 and so on. A loop over halves takes three times as long.
func Fold(s *[16]float32) float32 {
	s0, s1, s2, s3 := s[0]+s[8], s[1]+s[9], s[2]+s[10], s[3]+s[11]
	s4, s5, s6, s7 := s[4]+s[12], s[5]+s[13], s[6]+s[14], s[7]+s[15]
	s0, s1, s2, s3 = s0+s4, s1+s5, s2+s6, s3+s7
	return (s0 + s2) + (s1 + s3)
}
