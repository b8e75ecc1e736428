package bn_test

import (
	"fmt"
	"log"

	"github.com/simdconv/simdconv/bn"
)

// One training step of two channels over four pixels, then inference. The
// channels differ in offset and size, and come out the same.
func Example() {
	const m, c = 4, 2
	plan, err := bn.NewPlan(m, c, bn.Options{Momentum: 0.5})
	if err != nil {
		log.Fatal(err)
	}
	ws := plan.NewWorkspace()
	q := bn.Params{
		Gamma: []float32{1, 1}, Beta: []float32{0, 0},
		MovingMean: []float32{0, 0}, MovingVariance: []float32{1, 1},
	}
	saved := bn.Saved{Mean: make([]float32, c), InvStd: make([]float32, c)}
	x := []float32{
		1, 500,
		3, 700,
		1, 500,
		3, 700,
	}
	y := make([]float32, m*c)
	if err := plan.Train(ws, y, x, q, saved); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("y %.2f\n", y)
	fmt.Println("batch mean", saved.Mean)
	fmt.Println("moving mean", q.MovingMean, "moving variance", q.MovingVariance)

	if err := plan.Infer(ws, y, x, q); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("inference %.2f\n", y)
	// Output:
	// y [-1.00 -1.00 1.00 1.00 -1.00 -1.00 1.00 1.00]
	// batch mean [2 600]
	// moving mean [1 300] moving variance [1 5000.5]
	// inference [0.00 2.83 2.00 5.66 0.00 2.83 2.00 5.66]
}

func ExamplePlan_Backward() {
	const m, c = 3, 1
	plan, err := bn.NewPlan(m, c, bn.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ws := plan.NewWorkspace()
	q := bn.Params{
		Gamma: []float32{2}, Beta: []float32{1},
		MovingMean: []float32{0}, MovingVariance: []float32{1},
	}
	saved := bn.Saved{Mean: make([]float32, c), InvStd: make([]float32, c)}
	x, y := []float32{-1, 0, 1}, make([]float32, m)
	if err := plan.Train(ws, y, x, q, saved); err != nil {
		log.Fatal(err)
	}
	dx, dgamma, dbeta := make([]float32, m), make([]float32, c), make([]float32, c)
	if err := plan.Backward(ws, dx, dgamma, dbeta, []float32{1, 0, 0}, x, q.Gamma, saved); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("dx %.3f\n", dx)
	fmt.Printf("dgamma %.3f dbeta %.3f\n", dgamma, dbeta)
	// Output:
	// dx [0.410 -0.816 0.406]
	// dgamma [-1.224] dbeta [1.000]
}
