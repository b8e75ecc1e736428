package geometry_test

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/geometry"
)

func ExampleWindow() {
	// The first layer of ResNet: 7x7, stride 2, on 224x224.
	w, err := geometry.Window{H: 224, W: 224, R: 7, S: 7, StrideH: 2, StrideW: 2}.Same().Check()
	if err != nil {
		fmt.Println(err)
		return
	}
	oh, ow := w.Out()
	fmt.Println(oh, ow, w.Padding)

	// The top row of windows lacks its first taps.
	lo, hi := w.Rows().Taps(0)
	fmt.Println("output row 0 uses taps", lo, "to", hi-1)
	// Output:
	// 112 112 {2 3 2 3}
	// output row 0 uses taps 2 to 6
}

func ExampleWindow_Check() {
	_, err := geometry.Window{H: 4, W: 4, R: 3, S: 3, DilationW: 2}.Check()
	fmt.Println(err)
	// Output:
	// geometry: horizontal window of 3 taps with dilation 2 is larger than the padded input of 0+4+0
}
