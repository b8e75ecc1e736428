package net

import (
	"fmt"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/random"
	"github.com/simdconv/simdconv/kernels/ref"
)

func TestDense(t *testing.T) {
	for _, l := range []Dense{
		{Units: 1}, {Units: 17, Activation: ReLU}, {Units: 40, Activation: ReLU, NoBias: true},
		{Units: 6, Activation: Sigmoid}, {Units: 6, Activation: Tanh}, {Units: 10, Activation: Softmax},
	} {
		for _, in := range []int{1, 33} {
			t.Run(fmt.Sprintf("in=%d %+v", in, l), func(t *testing.T) {
				allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
					r := trial{layer: l, in: Shape{in}, batch: 5, options: o}
					r.run(t)
					return append(checkDense(t, l, &r), r.y, r.dx)
				})
			})
		}
	}
}

func checkDense(t *testing.T, l Dense, r *trial) [][]float32 {
	in, kernel := r.in[0], r.params[0]
	y, dz := make([]float64, len(r.y)), make([]float64, len(r.y))
	var b, db []float64
	if !l.NoBias {
		b, db = double(r.params[1].Data), make([]float64, l.Units)
	}
	ref.DenseForward(r.batch, in, l.Units, y, double(r.x), double(kernel.Data), b)
	activate(l.Activation, y, y, l.Units)
	kerneltest.Close(t, "y", r.y, y, bound)
	activateBackward(l.Activation, dz, double(r.dy), y, l.Units)
	dx, dw := make([]float64, len(r.x)), make([]float64, len(kernel.Data))
	ref.DenseBackwardData(r.batch, in, l.Units, dx, dz, double(kernel.Data))
	ref.DenseBackwardWeights(r.batch, in, l.Units, dw, db, dz, double(r.x))
	kerneltest.Close(t, "dx", r.dx, dx, bound)
	kerneltest.Close(t, "dw", kernel.Grad, dw, bound)
	if l.NoBias {
		return [][]float32{kernel.Grad}
	}
	kerneltest.Close(t, "db", r.params[1].Grad, db, bound)
	return [][]float32{kernel.Grad, r.params[1].Grad}
}

func activate(a Activation, y, x []float64, cols int) {
	switch a {
	case Linear:
		copy(y, x)
	case ReLU:
		ref.ReLU(y, x)
	case Sigmoid:
		ref.Sigmoid(y, x)
	case Tanh:
		ref.Tanh(y, x)
	case Softmax:
		ref.Softmax(y, x, cols)
	}
}

func activateBackward(a Activation, dx, dy, y []float64, cols int) {
	switch a {
	case Linear:
		copy(dx, dy)
	case ReLU:
		ref.ReLUBackward(dx, dy, y)
	case Sigmoid:
		ref.SigmoidBackward(dx, dy, y)
	case Tanh:
		ref.TanhBackward(dx, dy, y)
	case Softmax:
		ref.SoftmaxBackward(dx, dy, y, cols)
	}
}

func TestActivation(t *testing.T) {
	for a := Linear; a <= Softmax; a++ {
		for _, in := range []Shape{{7}, {3, 5, 4}} {
			t.Run(fmt.Sprint(a, in), func(t *testing.T) {
				allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
					r := trial{layer: a, in: in, batch: 3, options: o}
					r.run(t)
					y, dx := make([]float64, len(r.y)), make([]float64, len(r.y))
					cols := in[len(in)-1]
					activate(a, y, double(r.x), cols)
					activateBackward(a, dx, double(r.dy), y, cols)
					kerneltest.Close(t, "y", r.y, y, bound)
					kerneltest.Close(t, "dx", r.dx, dx, bound)
					return [][]float32{r.y, r.dx}
				})
			})
		}
	}
}

func TestFlatten(t *testing.T) {
	r := trial{layer: Flatten{}, in: Shape{2, 3, 4}, batch: 3}
	r.run(t)
	if !r.out.Equal(Shape{24}) {
		t.Errorf("output shape %v, want 24", r.out)
	}
	kerneltest.Equal(t, "y", r.y, r.x)
	kerneltest.Equal(t, "dx", r.dx, r.dy)
}

func TestDropout(t *testing.T) {
	for _, rate := range []float64{0, 0.25, 0.5, 0.9} {
		results := map[uint64][]float32{}
		for _, step := range []uint64{1, 2} {
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				r := trial{layer: Dropout{Rate: rate}, in: Shape{20, 50}, batch: 4, step: step, options: o}
				r.run(t)
				keep := make([]bool, len(r.x))
				key := random.Key{Seed: 3, Stream: Stream("dropout"), Step: step}
				kept := 0
				for i := range keep {
					if keep[i] = float64(key.Uint32(uint64(i))) >= float64(float32(rate))*(1<<32); keep[i] {
						kept++
					}
				}
				if share := float64(kept) / float64(len(keep)); share < 0.97-rate || share > 1.03-rate {
					t.Errorf("rate %v keeps %.3f of the values", rate, share)
				}
				y, dx := make([]float64, len(r.y)), make([]float64, len(r.y))
				ref.Dropout(y, double(r.x), keep, float64(float32(rate)))
				ref.Dropout(dx, double(r.dy), keep, float64(float32(rate)))
				kerneltest.Close(t, "y", r.y, y, bound)
				kerneltest.Close(t, "dx", r.dx, dx, bound)
				results[step] = r.y
				return [][]float32{r.y, r.dx}
			})
		}
		if same := slices.Equal(results[1], results[2]); same != (rate == 0) {
			t.Errorf("rate %v: two steps give the same values: %v", rate, same)
		}
	}
}

// TestDensePacked predicts with a kernel that is packed at the second call, and with
// the next one, and counts allocations.
func TestDensePacked(t *testing.T) {
	const in, units = 33, packUnits + 5
	allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
		build := func() *Model {
			m, err := Sequential(Input(in), Dense{Units: units})
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Compile(nil, nil, Options{Batch: 3, Seed: 1, Tier: o.Tier, Threads: o.Threads}); err != nil {
				t.Fatal(err)
			}
			return m
		}
		x := make([]float32, 3*in)
		kerneltest.FillUniform(x, 1)
		predict := func(m *Model) []float32 {
			y := make([]float32, 3*units)
			if err := m.Predict(y, x); err != nil {
				t.Fatal(err)
			}
			return y
		}
		m := build()
		var all [][]float32
		for round := range 2 {
			kernel := m.Params()[0]
			data := make([]float32, len(kernel.Data))
			kerneltest.FillUniform(data, uint64(round))
			if err := kernel.Set(data); err != nil {
				t.Fatal(err)
			}
			fresh := build()
			if err := fresh.Params()[0].Set(data); err != nil {
				t.Fatal(err)
			}
			want := predict(fresh) // as it lies
			for call := range 3 {
				kerneltest.Equal(t, fmt.Sprintf("kernel %d, call %d", round, call), predict(m), want)
			}
			all = append(all, want)
		}
		y, kernel := make([]float32, 3*units), m.Params()[0]
		if n := kerneltest.Allocs(func() { m.Predict(y, x); kernel.Changed(); m.Predict(y, x); m.Predict(y, x) }); n > 0 {
			t.Errorf("%d allocations", n)
		}
		return all
	})
}
