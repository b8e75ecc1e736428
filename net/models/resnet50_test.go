package models_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
	"github.com/simdconv/simdconv/net/safetensors"
)

// A resNetGolden is what testdata/resnet50/resnet50.py wrote.
type resNetGolden struct {
	Summary string `json:"summary"` // of ResNet-50
	Models  map[string]struct {
		Parameters int         `json:"parameters"`
		Layers     int         `json:"layers"`
		SHA256     string      `json:"sha256"`  // of names and shapes
		Float32    [][]float64 `json:"float32"` // logits
		Float64    [][]float64 `json:"float64"`
	} `json:"models"`
}

func readResNet(t *testing.T) *resNetGolden {
	t.Helper()
	g := new(resNetGolden)
	readJSON(t, filepath.Join("testdata", "resnet50", "resnet50.json.gz"), g)
	return g
}

// resNetWeights is the formula of testdata/resnet50/resnet50.py.
func resNetWeights(model, name string, shape net.Shape) []float32 {
	w := (&golden{Model: model, Seed: 1}).weights(name, shape)
	if strings.HasSuffix(name, "_3_bn/gamma") {
		for i := range w {
			w[i] /= 4
		}
	}
	return w
}

// Parameters have the number, names and shapes of Keras's.
func TestResNetParams(t *testing.T) {
	g := readResNet(t)
	for name, c := range map[string]struct {
		build func(...models.Option) (*net.Model, error)
		want  int
	}{
		"resnet50":  {models.ResNet50, 25636712},
		"resnet101": {models.ResNet101, 44707176},
		"resnet152": {models.ResNet152, 60419944},
	} {
		m, err := c.build()
		if err != nil {
			t.Fatal(err)
		}
		keras := g.Models[name]
		if m.Size() != c.want || keras.Parameters != c.want {
			t.Errorf("%s: %d parameters, Keras has %d, want %d", name, m.Size(), keras.Parameters, c.want)
		}
		var lines []string
		for _, p := range m.Params() {
			lines = append(lines, p.Name+" "+p.Shape.String())
		}
		slices.Sort(lines)
		if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n")))); sum != keras.SHA256 {
			t.Errorf("%s: names and shapes of parameters are not Keras's: %s ...", name, strings.Join(lines[:4], ", "))
		}
		// A table's row is a line with its name, and a layer's class follows it.
		layers := 0
		for _, class := range []string{"InputLayer", "ZeroPadding2D", "Conv2D", "BatchNormalization", "Activation", "MaxPooling2D", "Add", "GlobalAveragePooling2D", "Dense"} {
			layers += strings.Count(m.Summary(), " ("+class)
		}
		if layers != keras.Layers {
			t.Errorf("%s: %d layers, Keras has %d", name, layers, keras.Layers)
		}
	}
}

// The summary has Keras's rows and sums, character by character. The rows come
// in order of creation, Keras's by depth.
func TestResNet50Summary(t *testing.T) {
	m, err := models.ResNet50()
	if err != nil {
		t.Fatal(err)
	}
	rows := func(text string) []string {
		_, text, _ = strings.Cut(text, "\n") // the model's name
		var rows []string
		row := ""
		for _, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(line, "│") {
				rows = append(rows, row)
				row = ""
			}
			row += line + "\n"
		}
		slices.Sort(rows)
		return rows
	}
	got, want := rows(m.Summary()), rows(readResNet(t).Summary)
	if len(want) < 177 || !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant the rows of\n%s", m.Summary(), readResNet(t).Summary)
	}
}

// resNetLogits compares m, which has formula weights, with Keras in float64.
// Keras in float32 is 2e-6 of the rms off; convolutions by Winograd round more often.
func resNetLogits(t *testing.T, name, what string, m *net.Model) {
	t.Helper()
	g := readResNet(t).Models[name]
	if err := m.Compile(nil, nil, net.Options{Batch: 2}); err != nil {
		t.Fatal(err)
	}
	x := (&golden{Model: name, Seed: 1, Input: []int{2, 64, 64, 3}}).inputs()
	want, keras := slices.Concat(g.Float64...), slices.Concat(g.Float32...)
	y := make([]float32, len(want))
	if err := m.Predict(y, x); err != nil {
		t.Fatal(err)
	}
	var worst, worst32, squares float64
	for i, v := range keras {
		worst = max(worst, math.Abs(float64(y[i])-want[i]))
		worst32 = max(worst32, math.Abs(single(v)-want[i]))
		squares += want[i] * want[i]
	}
	rms := math.Sqrt(squares / float64(len(want)))
	if !(worst <= 2e-5*rms) {
		t.Errorf("%s: logits are off by %.2g of their rms, want at most 2e-5 (Keras in float32: %.2g)", what, worst/rms, worst32/rms)
	} else {
		t.Logf("%s: logits are off by %.2g of their rms (Keras in float32: %.2g)", what, worst/rms, worst32/rms)
	}
}

// setFormula gives m the weights of the formula.
func setFormula(t *testing.T, model string, m *net.Model) {
	t.Helper()
	for _, p := range m.Params() {
		if err := p.Set(resNetWeights(model, p.Name, p.Shape)); err != nil {
			t.Fatal(err)
		}
	}
}

func skipSlow(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("the networks of the lecture run the same code")
	}
	if tier, err := kernels.BestTier(); err != nil || tier == kernels.TierGeneric {
		t.Skipf("tier %v takes too long (%v)", tier, err)
	}
}

func TestResNet50(t *testing.T) {
	skipSlow(t)
	m, err := models.ResNet50(models.InputSize(64, 64), models.Logits())
	if err != nil {
		t.Fatal(err)
	}
	setFormula(t, "resnet50", m)
	resNetLogits(t, "resnet50", "formula", m)

	// What is saved as safetensors is loaded again.
	path := filepath.Join(t.TempDir(), "resnet50.safetensors")
	if err := m.SaveWeights(path); err != nil {
		t.Fatal(err)
	}
	again, err := models.ResNet50(models.InputSize(64, 64), models.Logits(), models.Weights(path))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range again.Params() {
		if !slices.Equal(p.Data, m.Params()[i].Data) {
			t.Errorf("%s is not what was saved", p.Name)
		}
	}
	older(t, path)
	if again, err = models.ResNet50(models.Weights(path)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.Param("predictions/kernel").Data, m.Param("predictions/kernel").Data) {
		t.Error("predictions/kernel is not what was saved as probs/kernel")
	}
	for want, o := range map[string]models.Option{
		"predictions/kernel: file has [2048 1000], model wants [2048 10]; predictions/bias: file has [1000], model wants [10]": models.Classes(10),
		"images of 31x64, want at least 32x32": models.InputSize(31, 64),
	} {
		if m, err := models.ResNet50(models.Weights(path), o); m != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	_, err = models.ResNet101(models.Weights(path))
	if want := "missing conv4_block7_1_conv/kernel, "; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("weights of ResNet-50 in ResNet-101: error %v, want %q in it", err, want)
	}
}

// The deeper ones compute what Keras does, too.
func TestResNet101And152(t *testing.T) {
	if testing.Short() {
		t.Skip("TestResNet50 runs the same code")
	}
	skipSlow(t)
	for name, build := range map[string]func(...models.Option) (*net.Model, error){
		"resnet101": models.ResNet101, "resnet152": models.ResNet152,
	} {
		m, err := build(models.InputSize(64, 64), models.Classes(10), models.Logits())
		if err != nil {
			t.Fatal(err)
		}
		setFormula(t, name, m)
		resNetLogits(t, name, name, m)
	}
}

// older gives the last layer of a file of weights its older name.
func older(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Read(bytes.NewReader(b), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Tensors {
		f.Tensors[i].Name = strings.Replace(f.Tensors[i].Name, "predictions/", "probs/", 1)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := safetensors.Write(out, f); err != nil {
		t.Fatal(err)
	}
}

// TestResNet50Files loads the files of 100 MB that testdata/resnet50/resnet50.py
// writes with Keras 2 and 3, into the folder SIMDCONV_KERAS_FILES.
func TestResNet50Files(t *testing.T) {
	dir := os.Getenv("SIMDCONV_KERAS_FILES")
	if dir == "" {
		t.Skip("SIMDCONV_KERAS_FILES is not set")
	}
	skipSlow(t)
	files, err := filepath.Glob(filepath.Join(dir, "keras*.h5"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files keras*.h5 in %s (%v)", len(files), dir, err)
	}
	for _, file := range files {
		m, err := models.ResNet50(models.InputSize(64, 64), models.Logits(), models.Weights(file))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, p := range m.Params() {
			if !slices.Equal(p.Data, resNetWeights("resnet50", p.Name, p.Shape)) {
				t.Errorf("%s: %s differs from the formula", file, p.Name)
			}
		}
		resNetLogits(t, "resnet50", file, m)
	}
}

func TestCaffe(t *testing.T) {
	x := []float32{10, 20, 30, 255, 0, 128}
	models.Caffe(x)
	want := []float32{30 - 103.939, 20 - 116.779, 10 - 123.68, 128 - 103.939, -116.779, 255 - 123.68}
	for i := range x {
		if math.Abs(float64(x[i]-want[i])) > 1e-5 {
			t.Errorf("value %d is %v, want %v", i, x[i], want[i])
		}
	}
}
