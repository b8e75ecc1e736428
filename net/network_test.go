package net

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

// The small network of these tests, and below it the same written with ref:
//
//	6x6x2 -> conv 3x3 same 4 relu -> pool 2 -> conv 2x2 5 -> relu -> flatten -> dense 7 tanh -> dense 3 softmax
func smallNetwork() []Layer {
	return []Layer{
		Input(6, 6, 2),
		Conv2D{Filters: 4, KernelSize: 3, Padding: Same, Activation: ReLU},
		MaxPool2D{PoolSize: 2},
		Conv2D{Filters: 5, KernelSize: 2},
		ReLU,
		Flatten{},
		Dense{Units: 7, Activation: Tanh},
		Dense{Units: 3, Activation: Softmax},
	}
}

const smallBatch = 4

// refNetwork computes the loss of the small network and, where grads is not
// nil, its gradients; w and grads are in the order of Model.Params.
func refNetwork(x []float64, labels []uint8, w, grads [][]float64) float64 {
	const n = smallBatch
	c1 := ref.Conv{N: n, H: 6, W: 6, C: 2, K: 4, R: 3, S: 3, Top: 1, Bottom: 1, Left: 1, Right: 1}
	p1 := ref.Pool{N: n, H: 6, W: 6, C: 4, R: 2, S: 2, StrideH: 2, StrideW: 2}
	c2 := ref.Conv{N: n, H: 3, W: 3, C: 4, K: 5, R: 2, S: 2}
	array := func(values int) []float64 { return make([]float64, n*values) }

	y1, y2, argmax, y3, y4, y5 := array(6*6*4), array(3*3*4), make([]uint8, n*3*3*4), array(20), array(7), array(3)
	ref.ConvForward(c1, y1, x, w[0])
	ref.Epilogue(y1, nil, w[1], nil, true)
	ref.MaxPoolForward(p1, y2, argmax, y1)
	ref.ConvForward(c2, y3, y2, w[2])
	ref.Epilogue(y3, nil, w[3], nil, true)
	ref.DenseForward(n, 20, 7, y4, y3, w[4], w[5])
	ref.Tanh(y4, y4)
	ref.DenseForward(n, 7, 3, y5, y4, w[6], w[7])
	d5, d4, d3, d2, d1 := array(3), array(7), array(20), array(3*3*4), array(6*6*4)
	loss, _ := ref.CrossEntropy(d5, y5, labels, 3)
	if grads == nil {
		return loss
	}
	ref.DenseBackwardWeights(n, 7, 3, grads[6], grads[7], d5, y4)
	ref.DenseBackwardData(n, 7, 3, d4, d5, w[6])
	ref.TanhBackward(d4, d4, y4)
	ref.DenseBackwardWeights(n, 20, 7, grads[4], grads[5], d4, y3)
	ref.DenseBackwardData(n, 20, 7, d3, d4, w[4])
	ref.ReLUBackward(d3, d3, y3)
	ref.ConvBackwardWeights(c2, grads[2], d3, y2)
	ref.BiasBackward(grads[3], d3)
	ref.ConvBackwardData(c2, d2, d3, w[2])
	ref.MaxPoolBackward(p1, d1, d2, argmax)
	ref.ReLUBackward(d1, d1, y1)
	ref.ConvBackwardWeights(c1, grads[0], d1, x)
	ref.BiasBackward(grads[1], d1)
	return loss
}

// smallStep makes one training step of the small network. before are the
// parameters before it.
func smallStep(t *testing.T, o Options) (m *Model, x []float32, labels []uint8, before [][]float64, loss float64) {
	t.Helper()
	m = mustModel(t, smallNetwork()...)
	o.Batch, o.Seed = smallBatch, 5
	if err := m.Compile(SGD{}, SparseCategoricalCrossentropy{}, o); err != nil {
		t.Fatal(err)
	}
	for i, p := range m.Params() {
		if len(p.Shape) == 1 {
			kerneltest.FillUniform(p.Data, uint64(i))
			p.Changed()
		}
		before = append(before, double(p.Data))
	}
	x = make([]float32, smallBatch*6*6*2)
	kerneltest.FillUniform(x, 9)
	labels = []uint8{0, 2, 1, 1}
	loss, _, err := m.TrainStep(x, labels)
	if err != nil {
		t.Fatal(err)
	}
	return m, x, labels, before, loss
}

// The gradients of ref agree with finite differences of its loss, and those of
// the model with ref's.
func TestGradients(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		m, x, labels, w, loss := smallStep(t, Options{Tier: tier})
		grads := make([][]float64, len(w))
		for i := range w {
			grads[i] = make([]float64, len(w[i]))
		}
		want := refNetwork(double(x), labels, w, grads)
		if math.Abs(loss-want) > 1e-6*want {
			t.Errorf("loss %v, want %v", loss, want)
		}
		for i, p := range m.Params() {
			kerneltest.Close(t, p.Name, p.Grad, grads[i], 5e-6)
			after := make([]float64, len(w[i]))
			for j, g := range grads[i] {
				after[j] = w[i][j] - 0.01*g
			}
			kerneltest.Close(t, p.Name+" after the step", p.Data, after, bound)
		}
	})
}

func TestReferenceGradients(t *testing.T) {
	_, x, labels, w, _ := smallStep(t, Options{Tier: kernels.TierGeneric})
	grads := make([][]float64, len(w))
	for i := range w {
		grads[i] = make([]float64, len(w[i]))
	}
	refNetwork(double(x), labels, w, grads)
	for i := range w {
		for j := range w[i] {
			const h = 1e-6
			at := w[i][j]
			w[i][j] = at + h
			up := refNetwork(double(x), labels, w, nil)
			w[i][j] = at - h
			down := refNetwork(double(x), labels, w, nil)
			w[i][j] = at
			if diff := (up - down) / (2 * h); math.Abs(diff-grads[i][j]) > 1e-7 {
				t.Fatalf("parameter %d[%d]: gradient %v, finite difference %v", i, j, grads[i][j], diff)
			}
		}
	}
}

// Equal bits for any number of threads; portable Go within 1e-5 of the best tier.
func TestTrainingStepAcrossMachines(t *testing.T) {
	best, _, _, _, _ := smallStep(t, Options{Threads: 1})
	for _, threads := range []int{2, 7} {
		m, _, _, _, _ := smallStep(t, Options{Threads: threads})
		for i, p := range m.Params() {
			kerneltest.Equal(t, p.Name+" gradient", p.Grad, best.Params()[i].Grad)
			kerneltest.Equal(t, p.Name, p.Data, best.Params()[i].Data)
		}
	}
	generic, _, _, _, _ := smallStep(t, Options{Tier: kernels.TierGeneric})
	for i, p := range generic.Params() {
		kerneltest.Close(t, p.Name+" gradient, generic", p.Grad, double(best.Params()[i].Grad), 1e-5)
	}
}
