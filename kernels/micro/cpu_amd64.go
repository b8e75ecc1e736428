//go:build amd64

package micro

import (
	"fmt"

	"github.com/klauspost/cpuid/v2"
)

// CPU names the processor by what the speed of kernels depends on: vendor,
// family, model, and the sizes of the caches of one core in KiB, -1 where
// unknown.
func CPU() string {
	c := &cpuid.CPU
	kib := func(bytes int) int { return max(bytes, -1024) / 1024 }
	return fmt.Sprintf("%s family %d model %d, L1 %d L2 %d L3 %d",
		c.VendorString, c.Family, c.Model, kib(c.Cache.L1D), kib(c.Cache.L2), kib(c.Cache.L3))
}
