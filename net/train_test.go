package net

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// toy returns n samples of noise that a network can only learn by heart.
func toy(n int, in Shape, classes int) *Dataset {
	d := &Dataset{X: make([]float32, n*in.Len()), Y: make([]uint8, n), Size: in.Len()}
	kerneltest.FillUniform(d.X, 4)
	for i := range d.Y {
		d.Y[i] = uint8(i % classes)
	}
	return d
}

// toyNetwork has every layer that can be trained.
func toyNetwork() []Layer {
	return []Layer{
		Input(8, 8, 1),
		Conv2D{Filters: 8, KernelSize: 3, Padding: Same, Activation: ReLU},
		MaxPool2D{},
		Conv2D{Filters: 16, KernelSize: 3, Activation: ReLU},
		Flatten{},
		Dense{Units: 32, Activation: ReLU},
		Dropout{Rate: 0.1},
		Dense{Units: 4, Activation: Softmax},
	}
}

func compiled(t testing.TB, opt Optimizer, o Options, layers ...Layer) *Model {
	t.Helper()
	m := mustModel(t, layers...)
	if err := m.Compile(opt, SparseCategoricalCrossentropy{}, o); err != nil {
		t.Fatal(err)
	}
	return m
}

// A small network learns 30 samples by heart, with either optimizer, in every
// tier, from batches of 8 with a partial one at the end.
func TestLearns(t *testing.T) {
	d := toy(30, Shape{8, 8, 1}, 4)
	for _, c := range []struct {
		name string
		opt  Optimizer
	}{{"Adam", Adam{LearningRate: 0.01}}, {"SGD", SGD{LearningRate: 0.02, Momentum: 0.9}}} {
		t.Run(c.name, func(t *testing.T) {
			kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
				m := compiled(t, c.opt, Options{Batch: 8, Seed: 1, Tier: tier}, toyNetwork()...)
				before, _, err := m.Evaluate(d)
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(before-math.Log(4)) > 0.5 {
					t.Errorf("loss %v before training, want about log(4)", before)
				}
				if _, err := m.Fit(d, FitOptions{Epochs: 100}); err != nil {
					t.Fatal(err)
				}
				loss, accuracy, err := m.Evaluate(d)
				if err != nil {
					t.Fatal(err)
				}
				if accuracy != 1 || loss > 0.1 {
					t.Errorf("loss %v and accuracy %v after training, want below 0.1 and 1", loss, accuracy)
				}
			})
		})
	}
}

// Equal seeds give equal models, at any number of threads; other seeds do not.
func TestReproducible(t *testing.T) {
	d := toy(20, Shape{8, 8, 1}, 4)
	train := func(o Options) (weights []float32, history []Progress) {
		o.Batch = 8
		m := compiled(t, Adam{}, o, toyNetwork()...)
		history, err := m.Fit(d, FitOptions{Epochs: 3, Validation: d})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Params() {
			weights = append(weights, p.Data...)
		}
		return weights, history
	}
	w, h := train(Options{Seed: 1, Threads: 1})
	for _, threads := range []int{1, 2, 7} {
		w1, h1 := train(Options{Seed: 1, Threads: threads})
		kerneltest.Equal(t, "weights", w1, w)
		if !reflect.DeepEqual(h, h1) {
			t.Errorf("%d threads: history %+v, want %+v", threads, h1, h)
		}
	}
	if w2, _ := train(Options{Seed: 2, Threads: 1}); slices.Equal(w, w2) {
		t.Error("another seed gives the same weights")
	}
}

// A step, a prediction and an evaluation allocate nothing after the first, in
// full and partial batches.
func TestAllocations(t *testing.T) {
	for _, opt := range []Optimizer{Adam{}, AdamW{}, SGD{Momentum: 0.9, Nesterov: true}, RMSprop{Momentum: 0.9, Centered: true}} {
		m := compiled(t, opt, Options{Batch: 16, Threads: 2}, toyNetwork()...)
		d := toy(40, Shape{8, 8, 1}, 4)
		y := make([]float32, 40*4)
		for name, f := range map[string]func() error{
			"TrainStep": func() error {
				for _, n := range []int{16, 8, 16} {
					if _, _, err := m.TrainStep(d.X[:n*64], d.Y[:n]); err != nil {
						return err
					}
				}
				return nil
			},
			"Predict":  func() error { return m.Predict(y, d.X) },
			"Evaluate": func() error { _, _, err := m.Evaluate(d); return err },
		} {
			var failed error
			allocs := testing.AllocsPerRun(10, func() {
				if err := f(); err != nil {
					failed = err
				}
			})
			if failed != nil {
				t.Fatal(failed)
			}
			if allocs != 0 {
				t.Errorf("%s with %T: %v allocations, want 0", name, opt, allocs)
			}
		}
	}
}

// Programs of many batch sizes do not pile up, and the full one stays.
func TestProgramsBounded(t *testing.T) {
	m := compiled(t, SGD{}, Options{Batch: 9}, toyNetwork()...)
	d := toy(9, Shape{8, 8, 1}, 4)
	full := m.trains[0]
	for n := 1; n <= 8; n++ {
		if _, _, err := m.TrainStep(d.X[:n*64], d.Y[:n]); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.trains) != maxPrograms || !slices.Contains(m.trains, full) {
		t.Errorf("%d programs after 9 batch sizes, want %d with the full one among them", len(m.trains), maxPrograms)
	}
}

// Batches share their memory: the results are those of separate models.
func TestPartialBatches(t *testing.T) {
	d := toy(16, Shape{8, 8, 1}, 4)
	for _, n := range []int{1, 5, 16} {
		a := compiled(t, SGD{}, Options{Batch: 16, Seed: 1}, toyNetwork()...)
		b := compiled(t, SGD{}, Options{Batch: n, Seed: 1}, toyNetwork()...)
		for range 3 {
			la, ca, err := a.TrainStep(d.X[:n*64], d.Y[:n])
			if err != nil {
				t.Fatal(err)
			}
			lb, cb, err := b.TrainStep(d.X[:n*64], d.Y[:n])
			if err != nil {
				t.Fatal(err)
			}
			if la != lb || ca != cb {
				t.Errorf("a batch of %d: loss %v, %d right; with its own model %v, %d", n, la, ca, lb, cb)
			}
		}
		for i, p := range a.Params() {
			kerneltest.Equal(t, p.Name, p.Data, b.Params()[i].Data)
		}
	}
}

// Predictions follow the weights, wherever they are changed.
func TestPredictFollowsWeights(t *testing.T) {
	m := compiled(t, SGD{LearningRate: 0.1}, Options{Batch: 4}, toyNetwork()...)
	d := toy(4, Shape{8, 8, 1}, 4)
	predict := func() []float32 {
		y := make([]float32, 16)
		if err := m.Predict(y, d.X); err != nil {
			t.Fatal(err)
		}
		return y
	}
	first := predict()
	kerneltest.Equal(t, "the same weights", predict(), first)
	if _, _, err := m.TrainStep(d.X, d.Y); err != nil {
		t.Fatal(err)
	}
	second := predict()
	if slices.Equal(first, second) {
		t.Error("a training step does not change the prediction")
	}
	p := m.Param("conv2d/kernel")
	clear(p.Data)
	p.Changed()
	if slices.Equal(second, predict()) {
		t.Error("Changed does not change the prediction")
	}
}

// Predict and Evaluate give the same for any batch size, and Evaluate what
// Predict's probabilities say.
func TestPredict(t *testing.T) {
	d := toy(11, Shape{8, 8, 1}, 4)
	var want []float32
	for _, batch := range []int{11, 4, 1, 64} {
		m := compiled(t, nil, Options{Batch: batch, Seed: 3}, toyNetwork()...)
		y := nan(11 * 4)
		if err := m.Predict(y, d.X); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = y
		}
		kerneltest.Close(t, "prediction", y, double(want), 1e-6)
		sum, right := 0.0, 0
		for i, label := range d.Y {
			row := y[4*i : 4*i+4]
			sum -= math.Log(float64(row[label]))
			if slices.Max(row) == row[label] {
				right++
			}
		}
		loss, accuracy, err := m.Evaluate(d)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(loss-sum/11) > 1e-6 || accuracy != float64(right)/11 {
			t.Errorf("batch %d: loss %v, accuracy %v, want %v, %v", batch, loss, accuracy, sum/11, float64(right)/11)
		}
	}
}

// FromLogits gives the training of a model with a softmax.
func TestFromLogits(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	layers := toyNetwork()
	a := compiled(t, SGD{}, Options{Batch: 8}, layers...)
	layers[len(layers)-1] = Dense{Units: 4}
	b := mustModel(t, layers...)
	if err := b.Compile(SGD{}, SparseCategoricalCrossentropy{FromLogits: true}, Options{Batch: 8}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		la, _, err := a.TrainStep(d.X, d.Y)
		if err != nil {
			t.Fatal(err)
		}
		lb, _, err := b.TrainStep(d.X, d.Y)
		if err != nil {
			t.Fatal(err)
		}
		if la != lb {
			t.Errorf("loss %v with a softmax, %v from logits", la, lb)
		}
	}
	la, _, errA := a.Evaluate(d)
	lb, _, errB := b.Evaluate(d)
	if la != lb || errA != nil || errB != nil {
		t.Errorf("evaluation %v with a softmax, %v from logits (%v, %v)", la, lb, errA, errB)
	}
}
