package benchmarks

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/safetensors"
)

var exportTo = flag.String("export", "", "write the networks of -nets to this folder, with what they compute")

// TestExport writes the networks of -nets to the folder of -export, for other
// libraries to compute the same by.
func TestExport(t *testing.T) {
	if *exportTo == "" {
		t.Skip("no -export")
	}
	for _, name := range asked.Nets {
		if netModels[name] == nil {
			t.Fatalf("-nets=%s: shapes without a network", name)
		}
		writeExport(t, name, filepath.Join(*exportTo, name+".safetensors"))
	}
}

// Of an export: images, and the rate of its one step of training.
const (
	exportBatch = 2
	exportRate  = 1e-3
)

// writeExport writes a network's parameters, each under its name, and
//
//	check/x          [2, H, W, C] images
//	check/labels     [2]
//	check/y          [2, classes] logits of inference
//	check/loss       [2] before one step of SGD with rate 0.001 and momentum 0.9, and after it
//	check/gradient   of the first parameter, the kernel that training reaches last
//
// Training is without dropout, whose random numbers are each library's own.
func writeExport(t *testing.T, name, file string) *net.Model {
	t.Helper()
	m, err := net.Sequential(plain(netModels[name]())...)
	if err != nil {
		t.Fatal(err)
	}
	o := net.Options{Batch: exportBatch, Seed: 1, Tier: asked.Tiers[0]}
	loss := net.SparseCategoricalCrossentropy{FromLogits: true}
	if err := m.Compile(net.SGD{LearningRate: exportRate, Momentum: 0.9}, loss, o); err != nil {
		t.Fatal(err)
	}
	spread(m)
	x, labels := make([]float32, exportBatch*m.InputShape().Len()), []uint8{3, 7}
	kerneltest.FillUniform(x, 1)
	for i, v := range x[:len(x)/2] {
		x[i] = max(v, -v) // or both are the same grey
	}
	y := make([]float32, exportBatch*m.OutputShape().Len())
	if err := m.Predict(y, x); err != nil {
		t.Fatal(err)
	}
	f := safetensors.File{Metadata: map[string]string{"net": name}}
	tensor := func(name string, data []float32, shape ...int) {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Shape: shape, Data: append([]float32(nil), data...)})
	}
	for _, p := range m.Params() {
		tensor(p.Name, p.Data, p.Shape...)
	}
	first := m.Params()[0]
	var losses []float32
	for i := range 2 {
		l, _, err := m.TrainStep(x, labels)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			tensor("check/gradient", first.Grad, first.Shape...)
		}
		losses = append(losses, float32(l))
	}
	tensor("check/x", x, append([]int{exportBatch}, m.InputShape()...)...)
	tensor("check/y", y, exportBatch, m.OutputShape().Len())
	tensor("check/labels", []float32{float32(labels[0]), float32(labels[1])}, exportBatch)
	tensor("check/loss", losses, len(losses))
	w, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := safetensors.Write(w, &f); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return m
}

// plain returns the layers without dropout and without the softmax, which would
// hide most errors of a logit.
func plain(layers []net.Layer) []net.Layer {
	for i, l := range layers {
		switch l := l.(type) {
		case net.Dropout:
			l.Rate = 0
			layers[i] = l
		case net.Dense:
			if i == len(layers)-1 {
				l.Activation = net.Linear
				layers[i] = l
			}
		}
	}
	return layers
}

// spread gives the parameters that start alike, biases and those of
// normalisations, values of their own, and the kernels He's deviation instead of
// Glorot's, without which 13 layers of VGG-16 leave of the image next to nothing.
func spread(m *net.Model) {
	for i, p := range m.Params() {
		at := float32(0)
		switch {
		case strings.HasSuffix(p.Name, "/kernel"):
			for j := range p.Data {
				p.Data[j] *= math.Sqrt2
			}
			p.Changed()
			continue
		case strings.HasSuffix(p.Name, "/gamma"), strings.HasSuffix(p.Name, "/moving_variance"):
			at = 1
		}
		kerneltest.FillUniform(p.Data, uint64(i))
		for j := range p.Data {
			p.Data[j] = at + p.Data[j]/8
		}
		p.Changed()
	}
}

// TestExported reads an export back: the network predicts what it says.
func TestExported(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lecture_cnn.safetensors")
	m := writeExport(t, "lecture_cnn", file)
	r, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := safetensors.Read(r, safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string][]float32{}
	for _, s := range f.Tensors {
		if p := m.Param(s.Name); p != nil {
			copy(p.Data, s.Data)
			p.Changed()
			continue
		}
		checks[s.Name] = s.Data
	}
	y := make([]float32, len(checks["check/y"]))
	if err := m.Predict(y, checks["check/x"]); err != nil {
		t.Fatal(err)
	}
	kerneltest.Equal(t, "check/y", y, checks["check/y"])
	if loss := checks["check/loss"]; len(loss) != 2 || !(loss[1] < loss[0]) {
		t.Errorf("losses %v, want two that fall", loss)
	}
	if g, k := checks["check/gradient"], m.Param("conv2d/kernel"); len(g) != len(k.Data) {
		t.Errorf("%d gradients, want those of %d weights", len(g), len(k.Data))
	}
}
