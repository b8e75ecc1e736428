package pool_test

import (
	"fmt"
	"log"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/pool"
)

// The 3x3 image of a diagonal, padded with one pixel on each side, under a 2x2
// window with stride 3.
func Example() {
	s := pool.Shape{N: 1, C: 1, Window: geometry.Window{
		H: 3, W: 3, R: 2, S: 2, StrideH: 3, StrideW: 3,
		Padding: geometry.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1},
	}}
	plan, err := pool.NewPlan(pool.Max, s, kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	x := []float32{
		10, 0, 0,
		0, 10, 0,
		0, 0, 10,
	}
	y := make([]float32, plan.YLen())
	if err := plan.Forward(plan.NewWorkspace(), y, nil, x); err != nil {
		log.Fatal(err)
	}
	fmt.Println(y[:2])
	fmt.Println(y[2:])
	// Output:
	// [10 0]
	// [0 10]
}

// Training keeps the argmax of Forward for Backward.
func ExamplePlan_Backward() {
	s := pool.Shape{N: 1, C: 1, Window: geometry.Window{H: 2, W: 4, R: 2, S: 2, StrideH: 2, StrideW: 2}}
	plan, err := pool.NewPlan(pool.Max, s, kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ws := plan.NewWorkspace()
	x := []float32{
		1, 5, 2, 0,
		3, 4, 8, 8,
	}
	y, argmax := make([]float32, plan.YLen()), make([]uint8, plan.YLen())
	if err := plan.Forward(ws, y, argmax, x); err != nil {
		log.Fatal(err)
	}
	fmt.Println("y", y, "argmax", argmax)

	dx := make([]float32, plan.XLen())
	if err := plan.Backward(ws, dx, []float32{0.5, -1}, argmax); err != nil {
		log.Fatal(err)
	}
	fmt.Println("dx", dx[:4])
	fmt.Println("  ", dx[4:])
	// Output:
	// y [5 8] argmax [1 2]
	// dx [0 0.5 0 0]
	//    [0 0 -1 0]
}

// Global average pooling ends a residual network: one number per channel.
func ExampleGlobal() {
	plan, err := pool.NewPlan(pool.Average, pool.Global(1, 2, 2, 3), kernels.Options{})
	if err != nil {
		log.Fatal(err)
	}
	x := []float32{
		1, 10, 0, 2, 20, 0,
		3, 30, 0, 4, 40, 8,
	}
	y := make([]float32, plan.YLen())
	if err := plan.Forward(plan.NewWorkspace(), y, nil, x); err != nil {
		log.Fatal(err)
	}
	fmt.Println(y)
	// Output: [2.5 25 2]
}
