package parallel_test

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/parallel"
)

// chunkSum adds up x in chunks of fixed length: the partial sums, and so the
// bits of the result, do not depend on who computes which chunk.
type chunkSum struct {
	x       []float32
	partial []float32
}

const chunk = 256

func (t *chunkSum) Run(_, i int) {
	for _, v := range t.x[i*chunk : min((i+1)*chunk, len(t.x))] {
		t.partial[i] += v
	}
}

func ExamplePool_Run() {
	x := make([]float32, 1000)
	for i := range x {
		x[i] = float32(i)
	}
	n := (len(x) + chunk - 1) / chunk
	t := &chunkSum{x: x, partial: make([]float32, n)}

	pool := parallel.New(4)
	defer pool.Close()
	pool.Run(t, n, 4)

	var sum float32
	for _, p := range t.partial {
		sum += p
	}
	fmt.Println(sum)
	// Output: 499500
}
