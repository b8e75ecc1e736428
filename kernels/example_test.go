package kernels_test

import (
	"fmt"
	"log"

	"github.com/simdconv/simdconv/kernels"
)

// The product of a 2x3 and a 3x2 matrix.
func ExampleEngine_Gemm() {
	e, err := kernels.New(kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	a := []float32{
		1, 2, 3,
		4, 5, 6,
	}
	b := []float32{
		1, 0,
		0, 1,
		1, 1,
	}
	c := make([]float32, 2*2)
	e.Gemm(false, false, 2, 2, 3, 1, a, 3, b, 2, 0, c, 2)
	fmt.Println(c)

	// The transpose of a times a, added to what is there.
	d := []float32{
		100, 0, 0,
		0, 100, 0,
		0, 0, 100,
	}
	e.Gemm(true, false, 3, 3, 2, 1, a, 3, a, 3, 1, d, 3)
	fmt.Println(d)
	// Output:
	// [4 5 10 11]
	// [117 22 27 22 129 36 27 36 145]
}

// A dense layer for a batch of two: y = max(x*w + b, 0), in one pass.
func ExampleEngine_GemmEpilogue() {
	e, err := kernels.New(kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	const batch, in, out = 2, 3, 2
	x := []float32{
		1, 2, 3,
		-1, 0, 1,
	}
	w := []float32{
		1, -1,
		0, 2,
		1, 1,
	}
	y := make([]float32, batch*out)
	e.GemmEpilogue(false, false, batch, out, in, x, in, w, out, y, out, kernels.Epilogue{
		Bias: []float32{0.5, -10},
		Act:  kernels.ActReLU,
	})
	fmt.Println(y)
	// Output: [4.5 0 0.5 0]
}

// SIMDCONV_ISA=avx2 in the environment caps the tier of the whole process, and
// Options that of one engine. A tier that cannot run here is an error.
func ExampleBestTier() {
	best, err := kernels.BestTier()
	if err != nil {
		log.Fatal(err) // for example: SIMDCONV_ISA=sse9: unknown tier
	}
	e, err := kernels.New(kernels.Options{Tier: kernels.TierGeneric, Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Options().Tier, e.Options().Tier <= best)
	// Output: generic true
}

func ExampleEngine_CrossEntropy() {
	e, err := kernels.New(kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	logits := []float32{
		0, 0, 0, 0, // undecided
		0, 50, 0, 0, // sure of class 1
	}
	gradient := make([]float32, len(logits))
	loss, correct := e.CrossEntropy(gradient, logits, []uint8{2, 1}, 4)
	fmt.Printf("loss %.4f, correct %d\n", loss/2, correct)
	fmt.Println(gradient[:4])
	// Output:
	// loss 0.6931, correct 1
	// [0.125 0.125 -0.375 0.125]
}

func ExampleNCHWToNHWC() {
	src := []float32{
		1, 2, 3, 4, // channel 0 of a 2x2 image
		5, 6, 7, 8, // channel 1
	}
	dst := make([]float32, len(src))
	kernels.NCHWToNHWC(dst, src, 1, 2, 2, 2)
	fmt.Println(dst)
	// Output: [1 5 2 6 3 7 4 8]
}

// A dense layer whose weights are packed once, for many batches.
func ExampleEngine_PackB() {
	e, err := kernels.New(kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	w := e.PackB(false, 2, 3, []float32{
		1, -1,
		0, 2,
		1, 1,
	}, 2)
	for _, x := range [][]float32{{1, 2, 3}, {-1, 0, 1}} {
		y := make([]float32, 2)
		e.GemmPacked(false, 1, x, 3, w, 0, y, 2)
		fmt.Println(y)
	}
	// Output:
	// [4 6]
	// [0 2]
}

// Two products with the same left operand.
func ExampleEngine_GemmBatch() {
	e, err := kernels.New(kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	a := []float32{1, 2}
	b := []float32{3, 4, 5, 6}
	c := make([]float32, 2)
	e.GemmBatch(kernels.Batch{N: 2, B: 2, C: 1}, false, false, 1, 1, 2, 1, a, 2, b, 1, 0, c, 1)
	fmt.Println(c)
	// Output: [11 17]
}
