package models_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/net"
)

// A golden is what testdata/keras/golden.py wrote of one network.
type golden struct {
	Model     string    `json:"model"`
	Seed      uint64    `json:"seed"`
	Input     []int     `json:"input"` // with the batch
	InputHead []float32 `json:"input_head"`
	InputHash []string  `json:"input_hash"`
	Labels    []uint8   `json:"labels"`
	// LossWeights are those of the outputs, where there are several.
	LossWeights []float64 `json:"loss_weights"`
	Params      []struct {
		Name      string    `json:"name"`
		Shape     net.Shape `json:"shape"`
		Trainable bool      `json:"trainable"`
		Head      []float32 `json:"head"`
	} `json:"params"`
	Float32    goldenRun                  `json:"float32"`
	Float64    goldenRun                  `json:"float64"`
	Optimizers map[string]goldenOptimizer `json:"optimizers"`
}

// A goldenRun is Keras in one precision.
type goldenRun struct {
	InferenceLogits      [][]float64               `json:"inference_logits"`
	InferenceLogitsAfter [][]float64               `json:"inference_logits_after"` // after one step's moving averages
	Loss                 float64                   `json:"loss"`
	Gradients            map[string]goldenTensor   `json:"gradients"`
	Moving               map[string]goldenTensor   `json:"moving"`
	Training             map[string]goldenTraining `json:"training"`
}

// A goldenTensor is a digest of an array.
type goldenTensor struct {
	Norm       float64   `json:"norm"`
	Mean       float64   `json:"mean"`
	Projection float64   `json:"projection"`
	Samples    []float64 `json:"samples"`
}

type goldenTraining struct {
	Losses []float64               `json:"losses"`
	Step1  map[string]goldenWeight `json:"step1"`
	Step10 map[string]goldenWeight `json:"step10"`
}

// A goldenWeight is a digest of a weight: its norm and samples, and norm, mean
// and projection of how far it moved from its start.
type goldenWeight struct {
	Norm       float64   `json:"norm"`
	Moved      float64   `json:"moved"`
	Mean       float64   `json:"moved_mean"`
	Projection float64   `json:"moved_projection"`
	Samples    []float64 `json:"samples"`
}

type goldenOptimizer struct {
	LearningRate float64 `json:"learning_rate"`
	Momentum     float64 `json:"momentum"`
	Nesterov     bool    `json:"nesterov"`
	WeightDecay  float64 `json:"weight_decay"`
}

func readGolden(t *testing.T, model string) *golden {
	t.Helper()
	g := new(golden)
	readJSON(t, filepath.Join("testdata", "keras", model+".json.gz"), g)
	return g
}

// readJSON decodes a gzipped file into v.
func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// hash is output i, from 0, of splitmix64 for a name of the model.
func (g *golden) hash(name string, i int) uint64 {
	h := fnv.New64a()
	h.Write([]byte(g.Model + "/" + name))
	return splitmix64(g.Seed+h.Sum64(), i)
}

// splitmix64 returns output i, from 0, of the generator started at state
// (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014).
func splitmix64(state uint64, i int) uint64 {
	z := state + (uint64(i)+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uniform fills dst with numbers in [-1, 1), all exact in float32.
func (g *golden) uniform(name string, dst []float32) {
	h := fnv.New64a()
	h.Write([]byte(g.Model + "/" + name))
	state := g.Seed + h.Sum64()
	for i := range dst {
		k := int32(splitmix64(state, i) >> 40)
		dst[i] = float32(k-1<<23) / (1 << 23)
	}
}

// weights returns the values that a parameter starts from.
func (g *golden) weights(name string, shape net.Shape) []float32 {
	w := make([]float32, shape.Len())
	switch role := name[strings.LastIndex(name, "/")+1:]; role {
	case "kernel":
		g.uniform(name, w)
		scale := float32(math.Sqrt(6 / float64(shape[:len(shape)-1].Len())))
		for i := range w {
			w[i] *= scale
		}
	case "gamma", "beta", "bias":
		g.uniform(name, w)
		for i := range w {
			w[i] /= 8
			if role == "gamma" {
				w[i]++
			}
		}
	case "moving_variance":
		for i := range w {
			w[i] = 1
		}
	case "moving_mean":
	default:
		panic("no formula for " + name)
	}
	return w
}

func (g *golden) inputs() []float32 {
	x := make([]float32, net.Shape(g.Input).Len())
	for i := range x {
		x[i] = float32(g.hash("input", i)>>40) / (1 << 24)
	}
	return x
}

// samples returns the values that a digest of name samples.
func (g *golden) samples(name string, v []float64, n int) []float64 {
	s := make([]float64, n)
	for j := range s {
		s[j] = v[g.hash(name+"/sample", j)%uint64(len(v))]
	}
	return s
}

// digest does to v what golden.py does to a gradient.
func (g *golden) digest(name string, v []float64, samples int) goldenTensor {
	u := make([]float32, len(v))
	g.uniform(name+"/projection", u)
	d := goldenTensor{Samples: g.samples(name, v, samples)}
	var squares float64
	for i, x := range v {
		squares += x * x
		d.Mean += x
		d.Projection += float64(u[i]) * x
	}
	d.Norm = math.Sqrt(squares)
	d.Mean /= float64(len(v))
	return d
}

// single undoes the shortest decimal, which float32 samples are written in.
func single(x float64) float64 { return float64(float32(x)) }

func double(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// The formula gives the bits that Keras was given.
func TestGoldenFormula(t *testing.T) {
	if got := splitmix64(0, 0); got != 0xe220a8397b1dcdaf {
		t.Errorf("splitmix64 from 0 starts with %#x", got)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "keras", "*.json.gz"))
	if err != nil || len(files) != len(goldenModels) {
		t.Fatalf("files %v, error %v; want %d", files, err, len(goldenModels))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json.gz")
		g := readGolden(t, name)
		if g.Model != name {
			t.Errorf("%s is of model %s", file, g.Model)
		}
		for i, want := range g.InputHash {
			if got := fmt.Sprintf("%016x", g.hash("input", i)); got != want {
				t.Errorf("%s: hash %d is %s, want %s", name, i, got, want)
			}
		}
		if x := g.inputs(); !slices.Equal(x[:3], g.InputHead) {
			t.Errorf("%s: input starts with %v, want %v", name, x[:3], g.InputHead)
		}
		for i, want := range g.Labels {
			if got := uint8((g.hash("labels", i) >> 40) % 10); got != want {
				t.Errorf("%s: label %d is %d, want %d", name, i, got, want)
			}
		}
		for _, p := range g.Params {
			if w := g.weights(p.Name, p.Shape); !slices.Equal(w[:3], p.Head) {
				t.Errorf("%s: %s starts with %v, want %v", name, p.Name, w[:3], p.Head)
			}
		}
	}
}
