package net

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A recorder is a Callback that keeps what it is told, and fails where asked.
type recorder struct {
	batches, epochs []Progress
	err             error
	atBatch         int // 0 for never; batches count from 1 over all epochs
	atEpoch         int
}

func (r *recorder) OnBatch(p Progress) error {
	r.batches = append(r.batches, p)
	if len(r.batches) == r.atBatch {
		return r.err
	}
	return nil
}

func (r *recorder) OnEpoch(p Progress) error {
	r.epochs = append(r.epochs, p)
	if len(r.epochs) == r.atEpoch {
		return r.err
	}
	return nil
}

// Fit says what TrainStep and Evaluate say when the same batches are given to
// a model by hand.
func TestFit(t *testing.T) {
	d := toy(10, Shape{8, 8, 1}, 4)
	o := Options{Batch: 4, Seed: 1}
	m, hand := compiled(t, Adam{}, o, toyNetwork()...), compiled(t, Adam{}, o, toyNetwork()...)
	var r recorder
	history, err := m.Fit(d, FitOptions{Epochs: 2, NoShuffle: true, Validation: d.Slice(0, 5), Callbacks: []Callback{&r}})
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for epoch := range 2 {
		sum, right := 0.0, 0
		for lo := 0; lo < 10; lo += 4 {
			hi := min(lo+4, 10)
			loss, correct, err := hand.TrainStep(d.X[lo*64:hi*64], d.Y[lo:hi])
			if err != nil {
				t.Fatal(err)
			}
			sum += loss * float64(hi-lo)
			right += correct
			want := Progress{
				Epoch: epoch + 1, Epochs: 2, Batch: lo/4 + 1, Batches: 3, Samples: hi,
				Loss: sum / float64(hi), Accuracy: float64(right) / float64(hi), LearningRate: 0.001,
			}
			if !reflect.DeepEqual(r.batches[next], want) {
				t.Errorf("OnBatch %d: %+v, want %+v", next, r.batches[next], want)
			}
			next++
		}
		want := r.batches[next-1]
		want.Validated = true
		if want.ValidationLoss, want.ValidationAccuracy, err = hand.Evaluate(d.Slice(0, 5)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r.epochs[epoch], want) || !reflect.DeepEqual(history[epoch], want) {
			t.Errorf("OnEpoch %+v and history %+v, want %+v", r.epochs[epoch], history[epoch], want)
		}
	}
	if len(history) != 2 || len(r.epochs) != 2 || len(r.batches) != next {
		t.Errorf("%d epochs returned, %d and %d batches seen, want 2, 2, %d", len(history), len(r.epochs), len(r.batches), next)
	}
}

// A validation split is the end of the data, whatever is shuffled, and never
// trained on.
func TestValidationSplit(t *testing.T) {
	d := toy(10, Shape{8, 8, 1}, 4)
	for _, c := range []struct {
		split float64
		train int
	}{{0.2, 8}, {0.25, 7}, {0.35, 6}, {0.85, 1}, {0.01, 9}} {
		o := Options{Batch: 4, Seed: 1}
		a, b := compiled(t, Adam{}, o, toyNetwork()...), compiled(t, Adam{}, o, toyNetwork()...)
		split, err := a.Fit(d, FitOptions{Epochs: 2, ValidationSplit: c.split})
		if err != nil {
			t.Fatal(err)
		}
		given, err := b.Fit(d.Slice(0, c.train), FitOptions{Epochs: 2, Validation: d.Slice(c.train, 10)})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(split, given) {
			t.Errorf("split %v: history %+v, want that of %d samples and %d for validation, %+v", c.split, split, c.train, 10-c.train, given)
		}
	}
}

// Every epoch takes each sample once, in another order; equal seeds repeat it.
func TestShuffle(t *testing.T) {
	m := compiled(t, SGD{}, Options{Seed: 1}, toyNetwork()...)
	again := compiled(t, SGD{}, Options{Seed: 1}, toyNetwork()...)
	var last []int
	for range 3 {
		m.epochs++
		again.epochs++
		m.shuffle(100, true)
		again.shuffle(100, true)
		order := slices.Clone(m.order)
		if !slices.Equal(order, again.order) {
			t.Error("equal seeds give different orders")
		}
		if slices.Equal(order, last) {
			t.Error("two epochs have the same order")
		}
		last = slices.Clone(order)
		slices.Sort(order)
		for i, n := range order {
			if n != i {
				t.Fatalf("sample %d is missing or there twice", i)
			}
		}
	}
}

func TestFitStops(t *testing.T) {
	broken := errors.New("broken")
	d := toy(10, Shape{8, 8, 1}, 4)
	for _, c := range []struct {
		name                    string
		r                       recorder
		want                    error
		history, batches, steps int
	}{
		{"ErrStop in a batch", recorder{err: ErrStop, atBatch: 4}, nil, 1, 4, 4},
		{"ErrStop in an epoch's last batch", recorder{err: ErrStop, atBatch: 3}, nil, 0, 3, 3},
		{"ErrStop after an epoch", recorder{err: ErrStop, atEpoch: 2}, nil, 2, 6, 6},
		{"error in a batch", recorder{err: broken, atBatch: 5}, broken, 1, 5, 5},
		{"error after an epoch", recorder{err: broken, atEpoch: 1}, broken, 1, 3, 3},
	} {
		m := compiled(t, SGD{}, Options{Batch: 4}, toyNetwork()...)
		history, err := m.Fit(d, FitOptions{Epochs: 5, Callbacks: []Callback{CallbackFuncs{}, &c.r}})
		if err != c.want || len(history) != c.history || len(c.r.batches) != c.batches || m.steps != c.steps {
			t.Errorf("%s: error %v, %d epochs, %d batches, %d steps, want %v, %d, %d, %d",
				c.name, err, len(history), len(c.r.batches), m.steps, c.want, c.history, c.batches, c.steps)
		}
	}
}

// Pixels train as their values over 255 do.
func TestPixels(t *testing.T) {
	pixels := &Dataset{Pixels: make([]uint8, 10*64), Y: toy(10, Shape{64}, 4).Y, Size: 64}
	for i := range pixels.Pixels {
		pixels.Pixels[i] = uint8(i * 7)
	}
	floats := &Dataset{X: make([]float32, 10*64), Y: pixels.Y, Size: 64}
	for i, p := range pixels.Pixels {
		floats.X[i] = float32(p) / 255
	}
	var histories [2][]Progress
	for i, d := range []*Dataset{pixels, floats} {
		m := compiled(t, Adam{}, Options{Batch: 4, Seed: 1}, toyNetwork()...)
		var err error
		if histories[i], err = m.Fit(d.Slice(1, 9), FitOptions{Epochs: 2, Validation: d.Slice(8, 10)}); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(histories[0], histories[1]) {
		t.Errorf("pixels: %+v, floats: %+v", histories[0], histories[1])
	}
	if l := histories[0][1].ValidationLoss; math.IsNaN(l) || l <= 0 {
		t.Errorf("validation loss %v", l)
	}
}

// Models without a single product: views and activations of the input itself,
// which stays as it is.
func TestTrivialModels(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6}
	kept := slices.Clone(x)
	for _, c := range []struct {
		layers []Layer
		want   []float32
	}{
		{[]Layer{Input(3)}, x},
		{[]Layer{Input(3, 1, 1), Flatten{}, Linear, Dropout{Rate: 0.5}}, x},
		{[]Layer{Input(1, 1, 3), Activation(ReLU)}, x},
		{[]Layer{Input(3), Softmax}, []float32{0.09003057, 0.24472848, 0.66524094, 0.09003057, 0.24472848, 0.66524094}},
	} {
		m := mustModel(t, c.layers...)
		if err := m.Compile(nil, nil, Options{Batch: 1}); err != nil {
			t.Fatal(err)
		}
		y := nan(6)
		if err := m.Predict(y, x); err != nil {
			t.Fatal(err)
		}
		kerneltest.Close(t, "y", y, double(c.want), 1e-6)
	}
	m := compiled(t, nil, Options{}, Input(3), Dropout{Rate: 0.5}, Softmax)
	loss, accuracy, err := m.Evaluate(&Dataset{X: x, Y: []uint8{2, 0}, Size: 3})
	want := (-math.Log(0.66524094) - math.Log(0.09003057)) / 2
	if err != nil || math.Abs(loss-want) > 1e-6 || accuracy != 0.5 {
		t.Errorf("loss %v, accuracy %v, error %v, want %v, 0.5", loss, accuracy, err, want)
	}
	kerneltest.Equal(t, "x", x, kept)
}
