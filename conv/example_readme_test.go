package conv_test

import (
	"fmt"
	"log"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels/geometry"
)

// README.md shows this file's imports and this body.
func Example_readme() {
	shape := conv.Shape{N: 1, C: 64, K: 64, Window: geometry.Window{H: 56, W: 56, R: 3, S: 3}.Same()}
	plan, err := conv.NewPlan(shape, conv.Options{}) // checks everything, chooses the algorithm
	if err != nil {
		log.Fatal(err)
	}
	x, w := make([]float32, shape.XLen()), make([]float32, shape.WLen()) // NHWC, HWIO
	y, bias := make([]float32, shape.YLen()), make([]float32, shape.K)
	weights, _ := plan.NewPacked(conv.Forward)
	plan.Pack(weights, w)                                                   // once; in training each step
	workspace, _ := plan.NewWorkspace(conv.Forward)                         // one per concurrent caller
	err = plan.Forward(workspace, y, x, weights, conv.Epilogue{Bias: bias}) // allocates nothing
	fmt.Println(err, plan.Algorithm(conv.Forward), len(y))
	// Output: <nil> winograd4 200704
}
