package random_test

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/random"
)

func Example() {
	// The dropout mask of layer 3 at step 1000 is the same however often and
	// wherever it is computed.
	key := random.Key{Seed: 42, Stream: 3, Step: 1000}
	mask := make([]bool, 5)
	for i := range mask {
		mask[i] = key.Float32(uint64(i)) >= 0.5
	}
	fmt.Println(mask)
	fmt.Println(key.Float32(4) >= 0.5, "again, without the four before")
	// Output:
	// [false true false false false]
	// false again, without the four before
}

func ExampleKey_Perm() {
	order := make([]int, 5)
	random.Key{Seed: 42, Step: 1}.Perm(order)
	fmt.Println(order)
	random.Key{Seed: 42, Step: 2}.Perm(order)
	fmt.Println(order)
	// Output:
	// [3 2 4 1 0]
	// [0 2 3 4 1]
}
