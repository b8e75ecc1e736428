package asm_test

import (
	"fmt"
	"strings"

	"github.com/simdconv/simdconv/asm"
)

// The manifest lists every kernel. Products have one for each number of rows up to
// the tile's, so that there are no scalar edges.
func Example() {
	for _, k := range asm.Kernels {
		if strings.HasPrefix(k.Name, "SgemmRows") && k.Tier == "avx2" {
			fmt.Println(k.Name, k.Rows, "x", k.NR)
		}
	}
	fmt.Println("at most", asm.MaxStepsAVX2, "steps a call")
	// Output:
	// SgemmRows1x16AVX2 1 x 16
	// SgemmRows2x16AVX2 2 x 16
	// SgemmRows3x16AVX2 3 x 16
	// SgemmRows4x16AVX2 4 x 16
	// SgemmRows5x16AVX2 5 x 16
	// SgemmRows6x16AVX2 6 x 16
	// at most 11904 steps a call
}
