package micro_test

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/micro"
)

// One register tile of a matrix product: two rows of A, read in place, times a
// panel of B, packed so that each step has NR numbers, the last ones zero.
func Example() {
	b := micro.For(micro.Generic)
	a := []float32{
		1, 2,
		3, 4,
	}
	panel := make([]float32, 2*b.NR)
	copy(panel, []float32{1, 0, 1})        // step 0: row 0 of B
	copy(panel[b.NR:], []float32{0, 1, 1}) // step 1
	c := make([]float32, 2*3)
	b.Rows(2, &micro.TileArgs{A: a, LDA: 2, B: panel, C: c, LDC: 3, Cols: 3, Segs: []micro.Segment{{K: 2}}})
	fmt.Println(c[:3])
	fmt.Println(c[3:])
	// Output:
	// [1 2 3]
	// [3 4 7]
}
