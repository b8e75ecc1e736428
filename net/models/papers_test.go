package models_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// The papers' networks have as many weights as the same layers in Keras, VGG as
// in keras.applications, and GoogLeNet without its auxiliary outputs what is
// left of them.
func TestCounts(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "keras", "counts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]int
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	size := func(layers []net.Layer) int {
		m, err := net.Sequential(layers...)
		if err != nil {
			t.Fatal(err)
		}
		return m.Size()
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
		"alexnet":   size(models.AlexNet(227, 227, 3, 1000)),
		"googlenet": google.Size(), "googlenet without auxiliary outputs": google.Size() - auxiliary,
		"vgg16": size(models.VGG16(224, 224, 3, 1000)),
		"vgg19": size(models.VGG19(224, 224, 3, 1000)),
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

// An image that is too small for a layer is an error that names it.
func TestTooSmall(t *testing.T) {
	if _, err := models.GoogLeNet(64, 64, 3, 10); err == nil || !strings.Contains(err.Error(), "average_pooling2d") {
		t.Errorf("GoogLeNet of 64x64: %v", err)
	}
	if _, err := models.GoogLeNet(65, 65, 3, 10); err != nil {
		t.Errorf("GoogLeNet of 65x65: %v", err)
	}
	if _, err := net.Sequential(models.AlexNet(66, 67, 3, 10)...); err == nil || !strings.Contains(err.Error(), "max_pooling2d_2") {
		t.Errorf("AlexNet of 66x67: %v", err)
	}
	for _, u := range []net.Layer{models.InceptionModule{Conv1: 1}, models.InceptionModule{}} {
		if _, err := net.Sequential(net.Input(4, 4, 1), u); err == nil || !strings.Contains(err.Error(), "Filters = 0") {
			t.Errorf("%+v: %v", u, err)
		}
	}
	g := net.NewGraph()
	x := g.Input(4, 4, 1)
	if _, err := g.Model(g.Apply(models.InceptionModule{}, x, x)); err == nil || !strings.Contains(err.Error(), "inception_module: 2 inputs, want 1") {
		t.Error(err)
	}
}
