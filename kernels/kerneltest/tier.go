package kerneltest

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/micro"
)

// EachTier runs f as a subtest for every tier. A tier that this machine, build
// or SIMDCONV_ISA does not allow is skipped, and the skip says why.
func EachTier(t *testing.T, f func(t *testing.T, tier micro.Tier)) {
	t.Helper()
	for tier := micro.Generic; tier <= micro.AVX512; tier++ {
		t.Run(tier.String(), func(t *testing.T) {
			if _, err := micro.Resolve(tier); err != nil {
				t.Skip(err)
			}
			f(t, tier)
		})
	}
}
