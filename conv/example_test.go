package conv_test

import (
	"fmt"
	"log"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
)

// The filter that finds edges, with a bias and ReLU, on a bright square. The
// map keeps the image's size.
func Example() {
	s := conv.Shape{N: 1, C: 1, K: 1, Window: geometry.Window{H: 5, W: 5, R: 3, S: 3}.Same()}
	plan, err := conv.NewPlan(s, conv.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ws, err := plan.NewWorkspace(conv.Forward)
	if err != nil {
		log.Fatal(err)
	}
	packed, err := plan.NewPacked(conv.Forward)
	if err != nil {
		log.Fatal(err)
	}
	w := []float32{
		-1, -1, -1,
		-1, 8, -1,
		-1, -1, -1,
	}
	if err := plan.Pack(packed, w); err != nil {
		log.Fatal(err)
	}

	x := []float32{
		0, 0, 0, 0, 0,
		0, 1, 1, 1, 0,
		0, 1, 1, 1, 0,
		0, 1, 1, 1, 0,
		0, 0, 0, 0, 0,
	}
	y := make([]float32, plan.Shape().YLen())
	ep := conv.Epilogue{Bias: []float32{-1}, Act: kernels.ActReLU}
	if err := plan.Forward(ws, y, x, packed, ep); err != nil {
		log.Fatal(err)
	}
	for i := range 5 {
		fmt.Println(y[5*i : 5*i+5])
	}
	// Output:
	// [0 0 0 0 0]
	// [0 4 2 4 0]
	// [0 2 0 2 0]
	// [0 4 2 4 0]
	// [0 0 0 0 0]
}

// A plan chooses an algorithm for each pass, by the geometry alone. An option
// forces one, and NewPlan says so where it cannot do the pass.
func ExamplePlan_Algorithm() {
	s := conv.Shape{N: 1, C: 64, K: 64, Window: geometry.Window{H: 56, W: 56, R: 3, S: 3}.Same()}
	plan, err := conv.NewPlan(s, conv.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, pass := range []conv.Pass{conv.Forward, conv.BackwardData, conv.BackwardWeights} {
		fmt.Println(pass, plan.Algorithm(pass))
	}
	s.StrideH, s.StrideW = 2, 2
	_, err = conv.NewPlan(s, conv.Options{Forward: conv.Winograd2})
	fmt.Println(err)
	// Output:
	// fwd winograd4
	// bwddata winograd4
	// bwdweights winograd4
	// conv: fwd by winograd2: the stride is 2x2, it needs 1x1
}

// A step of training: the gradient dy of a 2x2 map gives those of the filter,
// of the bias and of the image.
func ExamplePlan_BackwardWeights() {
	s := conv.Shape{N: 1, C: 1, K: 1, Window: geometry.Window{H: 3, W: 3, R: 2, S: 2}}
	plan, err := conv.NewPlan(s, conv.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ws, err := plan.NewWorkspace(conv.BackwardData | conv.BackwardWeights)
	if err != nil {
		log.Fatal(err)
	}
	x := []float32{
		10, 0, 0,
		0, 10, 0,
		0, 0, 10,
	}
	dy := []float32{
		1, 0,
		0, -2,
	}
	dw, db := make([]float32, 4), make([]float32, 1)
	if err := plan.BackwardWeights(ws, dw, db, dy, x); err != nil {
		log.Fatal(err)
	}
	fmt.Println("dw", dw[:2], dw[2:], "db", db)

	// Weights are packed again whenever they have changed.
	packed, err := plan.NewPacked(conv.BackwardData)
	if err != nil {
		log.Fatal(err)
	}
	if err := plan.Pack(packed, []float32{10, 5, 3, 10}); err != nil {
		log.Fatal(err)
	}
	dx := make([]float32, len(x))
	if err := plan.BackwardData(ws, dx, dy, packed); err != nil {
		log.Fatal(err)
	}
	fmt.Println("dx", dx[:3], dx[3:6], dx[6:])
	// Output:
	// dw [-10 0] [0 -10] db [-1]
	// dx [10 5 0] [3 -10 -10] [0 -6 -20]
}
