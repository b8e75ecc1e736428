package models_test

import (
	"testing"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// The sizes are those of Keras's summary of the listing.
func TestLectureCNN(t *testing.T) {
	m, err := net.Sequential(models.LectureCNN()...)
	if err != nil {
		t.Fatal(err)
	}
	if in, out := m.InputShape(), m.OutputShape(); !in.Equal(net.Shape{28, 28, 1}) || !out.Equal(net.Shape{10}) {
		t.Errorf("shapes %v and %v, want 28x28x1 and 10", in, out)
	}
	want := map[string]int{
		"conv2d/kernel": 3136, "conv2d/bias": 64, "conv2d_1/kernel": 73728, "conv2d_1/bias": 128,
		"conv2d_2/kernel": 147456, "conv2d_2/bias": 128, "conv2d_3/kernel": 294912, "conv2d_3/bias": 256,
		"conv2d_4/kernel": 589824, "conv2d_4/bias": 256, "dense/kernel": 294912, "dense/bias": 128,
		"dense_1/kernel": 8192, "dense_1/bias": 64, "dense_2/kernel": 640, "dense_2/bias": 10,
	}
	for _, p := range m.Params() {
		if p.Shape.Len() != want[p.Name] {
			t.Errorf("%s has %d values, want %d", p.Name, p.Shape.Len(), want[p.Name])
		}
		delete(want, p.Name)
	}
	if len(want) != 0 {
		t.Errorf("missing parameters: %v", want)
	}
	if m.Size() != 1413834 {
		t.Errorf("%d parameters, want 1413834", m.Size())
	}
}

// One step on random images: the whole network runs, and its loss is that of
// ten classes it knows nothing of.
func TestLectureCNNStep(t *testing.T) {
	m, err := net.Sequential(models.LectureCNN()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(net.Adam{}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 2}); err != nil {
		t.Fatal(err)
	}
	loss, _, err := m.TrainStep(make([]float32, 2*28*28), []uint8{3, 7})
	if err != nil {
		t.Fatal(err)
	}
	if loss < 2.30 || loss > 2.31 {
		t.Errorf("loss %v on black images, want log(10)", loss)
	}
}
