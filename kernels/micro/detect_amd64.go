//go:build amd64 && !purego

package micro

import "github.com/klauspost/cpuid/v2"

// detected is the highest tier of this machine. cpuid reports AVX-512 only
// where the operating system saves the ZMM and mask registers (XCR0).
var detected = detect(cpuid.CPU.Supports)

func detect(supports func(...cpuid.FeatureID) bool) Tier {
	switch {
	case !supports(cpuid.AVX2, cpuid.FMA3):
		return Generic
	case !supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL):
		return AVX2
	}
	return AVX512
}
