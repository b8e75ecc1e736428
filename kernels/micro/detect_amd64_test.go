//go:build amd64 && !purego

package micro

import (
	"testing"

	"github.com/klauspost/cpuid/v2"
)

func TestDetectNeedsTheWholeCluster(t *testing.T) {
	all := []cpuid.FeatureID{cpuid.AVX2, cpuid.FMA3, cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL}
	for i, missing := range all {
		got := detect(func(ids ...cpuid.FeatureID) bool {
			for _, id := range ids {
				if id == missing {
					return false
				}
			}
			return true
		})
		want := AVX2
		if i < 2 {
			want = Generic
		}
		if got != want {
			t.Errorf("without %v: tier %v, want %v", missing, got, want)
		}
	}
	if got := detect(func(...cpuid.FeatureID) bool { return true }); got != AVX512 {
		t.Errorf("with everything: %v", got)
	}
}
