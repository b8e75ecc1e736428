package net

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A fork gives a layer as many inputs as it has functions, each of the same x.
type fork struct {
	functions []Activation
	join      Layer
}

func (l fork) Build(b *Builder, in ...Value) (Value, error) {
	g := b.Graph()
	var branches []Value
	for _, f := range l.functions {
		branches = append(branches, g.Apply(f, in[0]))
	}
	return g.Output(g.Apply(l.join, branches...))
}

// checkFork compares a fork with the functions one by one; dyOf picks the
// gradient of branch k.
func checkFork(t *testing.T, r *trial, functions []Activation, join func(y [][]float64) []float64, dyOf func(k int) []float64) {
	x := double(r.x)
	cols := r.in[len(r.in)-1]
	var branches [][]float64
	dx := make([]float64, len(x))
	for k, f := range functions {
		y, d := make([]float64, len(x)), make([]float64, len(x))
		activate(f, y, x, cols)
		activateBackward(f, d, dyOf(k), y, cols)
		branches = append(branches, y)
		for i := range d {
			dx[i] += d[i]
		}
	}
	kerneltest.Close(t, "y", r.y, join(branches), bound)
	kerneltest.Close(t, "dx", r.dx, dx, bound)
}

// Sums of two and more branches, some of which are the same value or a view.
var forks = [][]Activation{
	{Tanh, Sigmoid}, {Linear, Tanh}, {Tanh, Linear}, {Linear, Linear},
	{Tanh, Sigmoid, ReLU}, {Linear, Linear, Linear}, {Sigmoid, Linear, Tanh, Linear},
}

func TestAdd(t *testing.T) {
	for _, functions := range forks {
		t.Run(fmt.Sprint(functions), func(t *testing.T) {
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				r := trial{layer: fork{functions, Add{}}, in: Shape{3, 4, 5}, batch: 2, options: o}
				r.run(t)
				checkFork(t, &r, functions, func(y [][]float64) []float64 {
					sum := make([]float64, len(y[0]))
					for _, branch := range y {
						for i, v := range branch {
							sum[i] += v
						}
					}
					return sum
				}, func(int) []float64 { return double(r.dy) })
				return [][]float32{r.y, r.dx}
			})
		})
	}
}

func TestConcat(t *testing.T) {
	for _, functions := range forks {
		for _, in := range []Shape{{5}, {3, 4, 5}} {
			t.Run(fmt.Sprint(functions, in), func(t *testing.T) {
				r := trial{layer: fork{functions, Concat{}}, in: in, batch: 2}
				r.run(t)
				all := 5 * len(functions)
				if last := r.out[len(r.out)-1]; last != all {
					t.Fatalf("output shape %v, want %d at the end", r.out, all)
				}
				checkFork(t, &r, functions, func(y [][]float64) []float64 {
					joint := make([]float64, len(r.y))
					for i := range joint {
						joint[i] = y[i%all/5][i/all*5+i%5]
					}
					return joint
				}, func(k int) []float64 {
					dy := make([]float64, len(r.x))
					for i := range dy {
						dy[i] = float64(r.dy[i/5*all+k*5+i%5])
					}
					return dy
				})
			})
		}
	}
}

// Inputs of different sizes, one of which wants no gradient.
func TestConcatSizes(t *testing.T) {
	op := concatOp{1, 3, 2}
	run, err := op.Plan(Context{})
	if err != nil {
		t.Fatal(err)
	}
	y := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	x := [][]float32{{1, 7}, {2, 3, 4, 8, 9, 10}, {5, 6, 11, 12}}
	a := &Args{X: x, DX: [][]float32{nan(2), nil, nan(4)}, Y: nan(12), DY: y}
	if err := run.Forward(a); err != nil {
		t.Fatal(err)
	}
	kerneltest.Equal(t, "y", a.Y, y)
	if err := run.Backward(a); err != nil {
		t.Fatal(err)
	}
	kerneltest.Equal(t, "dx of the first", a.DX[0], x[0])
	kerneltest.Equal(t, "dx of the last", a.DX[2], x[2])
}

func TestReLULayer(t *testing.T) {
	a := trial{layer: ReLULayer{}, in: Shape{3, 4, 5}, batch: 2}
	b := trial{layer: ReLU, in: Shape{3, 4, 5}, batch: 2}
	a.run(t)
	b.run(t)
	kerneltest.Equal(t, "y", a.y, b.y)
	kerneltest.Equal(t, "dx", a.dx, b.dx)
}
