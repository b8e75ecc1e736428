package micro

import "github.com/simdconv/simdconv/asm"

// DropoutArgs are the operands of dropout.
type DropoutArgs = asm.DropoutArgs

// DropoutRun is what the elements of a call of [Bundle.Dropout] are a multiple of.
const DropoutRun = asm.DropoutRun

// Dropout computes Y = X*Scale, or 0 where the random number of an element is
// below Drop, for a.N elements: a multiple of [DropoutRun], from 1 to
// [MaxVector]. It reports false, and does nothing, in the generic tier.
func (b *Bundle) Dropout(a *DropoutArgs) bool { return dropout(b.Tier, a) }
