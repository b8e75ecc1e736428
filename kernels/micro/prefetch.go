package micro

import "github.com/simdconv/simdconv/asm"

// PrefetchArgs is package asm's.
type PrefetchArgs = asm.PrefetchArgs

// MaxPrefetch is the most elements, of all rows together, of a call of Prefetch.
const MaxPrefetch = asm.MaxBytes / 4

// Prefetch asks for rows to come to the second cache and does not wait for them. It
// changes nothing, and on the generic tier does nothing.
func (b *Bundle) Prefetch(a *PrefetchArgs) { prefetch(b.Tier, a) }
