package models_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// The papers' networks have as many weights as the same layers in Keras, and
// GoogLeNet without its auxiliary outputs what is left of them.
func TestCounts(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "keras", "counts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]int
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	alex, err := net.Sequential(models.AlexNet(227, 227, 3, 1000)...)
	if err != nil {
		t.Fatal(err)
	}
	google, err := models.GoogLeNet(224, 224, 3, 1000)
	if err != nil {
		t.Fatal(err)
	}
	// An auxiliary output has a convolution of 1x1 and two dense layers.
	auxiliary := 0
	for _, in := range []int{512, 528} {
		auxiliary += (in+1)*128 + (4*4*128+1)*1024 + (1024+1)*1000
	}
	for name, got := range map[string]int{
		"alexnet": alex.Size(), "googlenet": google.Size(), "googlenet without auxiliary outputs": google.Size() - auxiliary,
	} {
		if got != want[name] {
			t.Errorf("%s has %d weights, want %d", name, got, want[name])
		}
	}
	if want["alexnet"] != 60965224 {
		t.Errorf("Keras's AlexNet has %d weights, the paper's 60965224", want["alexnet"])
	}
}

// GoogLeNet learns eight images by heart from all its outputs.
func TestGoogLeNetLearns(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("takes seconds")
	}
	m, err := models.GoogLeNet(65, 65, 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	err = m.Compile(net.Adam{LearningRate: 3e-4}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 8, Seed: 1, LossWeights: models.GoogLeNetLossWeights()})
	if err != nil {
		t.Fatal(err)
	}
	d := &net.Dataset{X: make([]float32, 8*65*65), Y: make([]uint8, 8), Size: 65 * 65}
	for i := range d.Y {
		d.Y[i] = uint8(i % 4)
		for j := range d.Size { // stripes, wider from class to class
			d.X[i*d.Size+j] = float32((j % 65 >> (i % 4)) & 1)
		}
	}
	learned := net.CallbackFuncs{Epoch: func(p net.Progress) error {
		if p.ValidationAccuracy == 1 {
			return net.ErrStop
		}
		return nil
	}}
	history, err := m.Fit(d, net.FitOptions{Epochs: 60, Validation: d, Callbacks: []net.Callback{learned}})
	if err != nil {
		t.Fatal(err)
	}
	if last := history[len(history)-1]; last.ValidationAccuracy != 1 {
		t.Errorf("%+v, want every image right", last)
	}
}
