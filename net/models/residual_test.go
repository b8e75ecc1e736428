package models_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// A small residual network, and below it the same on a tape:
//
//	7x6x2 -> conv 3x3 4, BN, relu -> unit 4 -> unit 6 with strides 2 -> global average -> dense 3
const smallBatch = 4

func smallResNet() []net.Layer {
	return []net.Layer{
		net.Input(7, 6, 2),
		net.Conv2D{Filters: 4, KernelSize: 3, Padding: net.Same, NoBias: true},
		net.BatchNormalization{},
		net.ReLU,
		models.NewResidualUnit(4, 1, net.ReLU),
		models.NewResidualUnit(6, 2, net.ReLU),
		net.GlobalAvgPool2D{},
		net.Flatten{},
		net.Dense{Units: 3, Activation: net.Softmax},
	}
}

func refResNet(x []float64, labels []uint8, weights map[string][]float64) (float64, *tape) {
	t := &tape{n: smallBatch, weights: weights, grads: map[string][]float64{}, stats: map[string][]float64{}}
	z := t.value(7, 6, 2)
	copy(z.v, x)
	z = t.relu(t.norm(t.conv(z, "conv2d", 4, 3, 1), "batch_normalization"))

	skip := z
	z = t.relu(t.norm(t.conv(z, "conv2d_1", 4, 3, 1), "batch_normalization_1"))
	z = t.norm(t.conv(z, "conv2d_2", 4, 3, 1), "batch_normalization_2")
	z = t.relu(t.add(z, skip))

	skip = z
	z = t.relu(t.norm(t.conv(z, "conv2d_3", 6, 3, 2), "batch_normalization_3"))
	z = t.norm(t.conv(z, "conv2d_4", 6, 3, 1), "batch_normalization_4")
	skip = t.norm(t.conv(skip, "conv2d_5", 6, 1, 2), "batch_normalization_5")
	z = t.relu(t.add(z, skip))

	z = t.dense(t.globalAverage(z), "dense", 3)
	return t.loss(z, labels), t
}

// smallStep makes one training step of the small network. before are the
// parameters before it.
func smallStep(t *testing.T, o net.Options) (m *net.Model, x []float32, labels []uint8, before map[string][]float64, loss float64) {
	t.Helper()
	m, err := net.Sequential(smallResNet()...)
	if err != nil {
		t.Fatal(err)
	}
	o.Batch, o.Seed = smallBatch, 5
	if err := m.Compile(net.SGD{}, net.SparseCategoricalCrossentropy{}, o); err != nil {
		t.Fatal(err)
	}
	before = map[string][]float64{}
	for i, p := range m.Params() {
		if len(p.Shape) == 1 && p.Trainable {
			kerneltest.FillUniform(p.Data, uint64(i))
			for j := range p.Data {
				p.Data[j] = p.Data[j]/2 + 1
			}
			p.Changed()
		}
		before[p.Name] = double(p.Data)
	}
	x = make([]float32, smallBatch*7*6*2)
	kerneltest.FillUniform(x, 9)
	labels = []uint8{0, 2, 1, 1}
	loss = step(t, m, x, labels)
	return m, x, labels, before, loss
}

// The gradients and moving averages of the model are those of the tape, in
// every tier, and the same bits for any number of threads.
func TestResidualGradients(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		m, x, labels, w, loss := smallStep(t, net.Options{Tier: tier, Threads: 1})
		want, tape := refResNet(double(x), labels, w)
		if math.Abs(loss-want) > 2e-6*want {
			t.Errorf("loss %v, want %v", loss, want)
		}
		if len(m.Params()) != len(w) || len(w) != 7+6*4+1 {
			t.Errorf("%d parameters, want %d", len(m.Params()), 7+6*4+1)
		}
		for _, p := range m.Params() {
			if p.Trainable {
				kerneltest.Close(t, p.Name, p.Grad, tape.grads[p.Name], 1e-5)
				continue
			}
			moving := make([]float64, len(p.Data))
			for i, batch := range tape.stats[p.Name] {
				moving[i] = 0.99*w[p.Name][i] + 0.01*batch
			}
			kerneltest.Close(t, p.Name, p.Data, moving, 2e-6)
		}
		for _, threads := range []int{2, 7} {
			more, _, _, _, _ := smallStep(t, net.Options{Tier: tier, Threads: threads})
			for i, p := range more.Params() {
				one := m.Params()[i]
				kerneltest.Equal(t, fmt.Sprintf("%s with %d threads", p.Name, threads), p.Data, one.Data)
				if p.Trainable {
					kerneltest.Equal(t, fmt.Sprintf("gradient of %s with %d threads", p.Name, threads), p.Grad, one.Grad)
				}
			}
		}
	})
}

// The gradients of the tape are finite differences of its loss.
func TestTapeGradients(t *testing.T) {
	_, x, labels, w, _ := smallStep(t, net.Options{Tier: kernels.TierGeneric})
	_, tape := refResNet(double(x), labels, w)
	for _, name := range slices.Sorted(maps.Keys(tape.grads)) {
		grad := tape.grads[name]
		for j := 0; j < len(grad); j += 1 + len(grad)/20 {
			const h = 1e-6
			at := w[name][j]
			w[name][j] = at + h
			up, _ := refResNet(double(x), labels, w)
			w[name][j] = at - h
			down, _ := refResNet(double(x), labels, w)
			w[name][j] = at
			if diff := (up - down) / (2 * h); !(math.Abs(diff-grad[j]) <= 1e-6*(1+math.Abs(diff))) {
				t.Fatalf("%s[%d]: gradient %v, finite difference %v", name, j, grad[j], diff)
			}
		}
	}
}

// Parameters are numbered as Keras does, the main layers before the skip
// layers, and a unit has one name.
func TestResidualNames(t *testing.T) {
	m, err := net.Sequential(smallResNet()...)
	if err != nil {
		t.Fatal(err)
	}
	var convs []string
	for _, p := range m.Params() {
		if name, ok := strings.CutSuffix(p.Name, "/kernel"); ok {
			convs = append(convs, fmt.Sprint(name, " ", p.Shape))
		}
	}
	want := []string{
		"conv2d 3x3x2x4", "conv2d_1 3x3x4x4", "conv2d_2 3x3x4x4", "conv2d_3 3x3x4x6", "conv2d_4 3x3x6x6", "conv2d_5 1x1x4x6", "dense 6x3",
	}
	if !slices.Equal(convs, want) {
		t.Errorf("kernels %q, want %q", convs, want)
	}
}

func TestResidualErrors(t *testing.T) {
	image := net.Input(8, 8, 3)
	named := models.NewResidualUnit(3, 1, net.ReLU)
	named.Name = "unit"
	for _, c := range []struct {
		want   string
		layers []net.Layer
	}{
		{"add: input shapes 8x8x4 and 8x8x3, want equal ones", []net.Layer{image, models.NewResidualUnit(4, 1, net.ReLU)}},
		{"conv2d: Filters = 0", []net.Layer{image, models.NewResidualUnit(0, 1, net.ReLU)}},
		{"conv2d: Strides = -1", []net.Layer{image, models.NewResidualUnit(3, -1, net.ReLU)}},
		{"conv2d: input shape 5, want a map", []net.Layer{net.Input(5), models.NewResidualUnit(3, 1, net.ReLU)}},
		{"activation 9", []net.Layer{image, models.NewResidualUnit(3, 1, 9)}},
		{"two layers are named \"unit\"", []net.Layer{image, named, named}},
		{"input_layer: shape 0x8x3", models.ResNet34(0, 8, 3, 10)},
		{"dense: Units = 0", models.ResNet34(32, 32, 3, 0)},
	} {
		_, err := net.Sequential(c.layers...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	g := net.NewGraph()
	x := g.Input(8, 8, 3)
	if _, err := g.Model(g.Apply(named, x, x)); err == nil || !strings.Contains(err.Error(), "unit: 2 inputs, want 1") {
		t.Errorf("error %v, want that there are 2 inputs", err)
	}
}
