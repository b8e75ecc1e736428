package kerneltest_test

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/kerneltest"
)

func ExampleRMSError() {
	rms, peak := kerneltest.RMSError([]float32{3, 5}, []float64{3, 4})
	fmt.Printf("rms %.3f, largest %.3f\n", rms, peak)
	// Output: rms 0.200, largest 0.283
}
