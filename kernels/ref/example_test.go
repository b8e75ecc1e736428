package ref_test

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/ref"
)

func ExampleConvForward() {
	// A line that falls to the right, and a filter that looks for one.
	c := ref.Conv{N: 1, H: 3, W: 3, C: 1, K: 1, R: 2, S: 2}
	x := []float32{
		10, 0, 0,
		0, 10, 0,
		0, 0, 10,
	}
	w := []float32{
		10, 0,
		0, 10,
	}
	y := make([]float32, c.YLen())
	ref.ConvForward(c, y, x, w)
	ref.Epilogue(y, nil, []float32{20}, nil, true)
	fmt.Println(y[:2])
	fmt.Println(y[2:])
	// Output:
	// [220 20]
	// [20 220]
}

func ExampleMaxPoolForward() {
	p := ref.Pool{N: 1, H: 2, W: 4, C: 1, R: 2, S: 2, StrideH: 2, StrideW: 2}
	x := []float32{
		1, 2, 7, 7,
		4, 3, 5, 6,
	}
	y, argmax := make([]float32, p.YLen()), make([]uint8, p.YLen())
	ref.MaxPoolForward(p, y, argmax, x)
	fmt.Println(y, argmax)

	dx := make([]float32, p.XLen())
	ref.MaxPoolBackward(p, dx, []float32{10, 20}, argmax)
	fmt.Println(dx)
	// Output:
	// [4 7] [2 0]
	// [0 0 20 0 10 0 0 0]
}
