package micro

import "github.com/simdconv/simdconv/asm"

// DepthwiseRows is the most pixels of one call of [Bundle.Depthwise].
const DepthwiseRows = asm.DepthwiseRows

// DepthwiseSteps is the most that rows+1, or the pixels of all segments, times
// the channels of one depthwise call may be, taps included: see [Bundle.Depthwise].
const DepthwiseSteps = asm.MaxBytes / 8

// Depthwise filters rows pixels, 1 to [DepthwiseRows], each channel on its own:
//
//	C[i,j] = act(Scale[j] * (Beta*C[i,j] + sum A[AOff+s.A+i*LDA+j] * B[BOff+s.B+j]) + Bias[j] + Residual[i,j])
//
// for Cols channels j, any number of them. Each segment s is one tap; its K is
// not read. (rows+1) * segments * Cols is at most DepthwiseSteps.
func (b *Bundle) Depthwise(rows int, a *TileArgs) { depthwise(b.Tier, rows, a) }

// DepthwiseOuter sums the gradients of one tap's weights over the pixels:
//
//	C[j] = Beta*C[j] + sum A[AOff+s.A+k*LDA+j] * B[BOff+s.B+k*LDB+j]
//
// for Cols channels j, from zero without FlagLoad. The pixels of all segments
// times Cols are at most DepthwiseSteps.
func (b *Bundle) DepthwiseOuter(a *TileArgs) { depthwiseOuter(b.Tier, a) }
