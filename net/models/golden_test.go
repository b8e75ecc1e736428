package models_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// Keras is the oracle: from equal weights, the networks here and Keras's, run
// in float64, agree within bounds that float32 explains. Every message says how
// far Keras itself is from there in float32. testdata/keras/README.md describes
// the files.

// A goldenModel is a network to compare, with its bounds.
type goldenModel struct {
	name   string // of its file
	layers func() []net.Layer
	build  func() (*net.Model, error) // instead of layers: a graph that ends in logits
	// Largest errors, of logits relative to their rms, of the first loss
	// relative to it, of the first gradients (see near).
	logits, loss float64
	gradients    goldenBound
	// Moving averages after one step; zero where there are none.
	moving   goldenBound
	training []goldenRow
}

// A goldenRow is an optimiser and its bounds: of the first two losses and of
// the others up to the tenth, each relative to the loss itself, and of the
// weights after one step and after ten. What comes late is looser: a ReLU or a
// maximum that falls the other way by a rounding changes all that follows.
type goldenRow struct {
	name          string // in the file
	make          func(o goldenOptimizer) net.Optimizer
	early, late   float64
	step1, step10 goldenBound
}

// enlarged is how far a rounding of a gradient that is g, of a tensor of the given rms,
// moves a weight in the first step. Optimizers that divide by the gradient's own size,
// the root of a tenth of it at least, and by epsilon, enlarge what is near zero: a
// gradient of 0 in Keras is 1e-10 where Winograd adds up its terms in another order.
func (r goldenRow) enlarged(g, rms, rate float64) float64 {
	const u, epsilon, tenth = 1.0 / (1 << 24), 1e-7, 0.31
	switch r.name {
	case "adam", "adamw", "rmsprop":
		return rate * epsilon * u * rms / math.Pow(tenth*math.Abs(g)+epsilon, 2)
	}
	return 0
}

// A goldenBound is of norm, mean and projection of a tensor on the one hand,
// each relative to its norm, and of single values on the other, relative to
// the rms of the tensor.
type goldenBound struct{ whole, sample float64 }

var goldenModels = []goldenModel{
	{
		name: "lecture_cnn", layers: lectureCNN,
		logits: 1e-5, loss: 2e-6, gradients: goldenBound{1e-5, 5e-5},
		training: []goldenRow{
			{"sgd", makeSGD, 1e-5, 2e-4, goldenBound{1e-5, 5e-5}, goldenBound{1e-2, 5e-2}},
			{"momentum", makeSGD, 1e-5, 2e-4, goldenBound{1e-5, 5e-5}, goldenBound{1e-2, 5e-2}},
			{"nesterov", makeNesterov, 1e-5, 2e-3, goldenBound{1e-5, 5e-5}, goldenBound{2e-2, 1e-1}},
			{"adam", makeAdam, 1e-5, 2e-4, goldenBound{2e-4, 1e-3}, goldenBound{1e-2, 5e-2}},
			{"adamw", makeAdamW, 1e-5, 2e-4, goldenBound{2e-4, 1e-3}, goldenBound{1e-2, 5e-2}},
			{"rmsprop", makeRMSprop, 1e-5, 2e-4, goldenBound{2e-4, 1e-3}, goldenBound{1e-2, 5e-2}},
		},
	},
	{
		name: "mnist_dense", layers: models.MNISTDense,
		logits: 1e-5, loss: 2e-6, gradients: goldenBound{1e-5, 5e-5},
		training: []goldenRow{
			{"sgd", makeSGD, 1e-5, 1e-5, goldenBound{1e-5, 5e-5}, goldenBound{1e-5, 5e-5}},
			{"momentum", makeSGD, 1e-5, 1e-5, goldenBound{1e-5, 5e-5}, goldenBound{1e-5, 5e-5}},
			{"nesterov", makeNesterov, 1e-5, 1e-5, goldenBound{1e-5, 5e-5}, goldenBound{1e-5, 5e-5}},
			{"adam", makeAdam, 1e-5, 1e-5, goldenBound{2e-4, 1e-3}, goldenBound{2e-4, 1e-3}},
			{"adamw", makeAdamW, 1e-5, 1e-5, goldenBound{2e-4, 1e-3}, goldenBound{2e-4, 1e-3}},
			{"rmsprop", makeRMSprop, 1e-5, 1e-5, goldenBound{2e-4, 1e-3}, goldenBound{2e-4, 1e-3}},
		},
	},
	{
		name: "resnet34", layers: func() []net.Layer { return models.ResNet34(64, 64, 3, 10) },
		logits: 1e-4, loss: 1e-5, gradients: goldenBound{2e-4, 1e-3}, moving: goldenBound{5e-5, 1e-4},
		training: []goldenRow{
			{"sgd", makeSGD, 1e-4, 5e-2, goldenBound{2e-4, 1e-3}, goldenBound{2e-1, 5e-1}},
			{"nesterov", makeNesterov, 1e-4, 5e-2, goldenBound{2e-4, 1e-3}, goldenBound{2e-1, 5e-1}},
			{"adam", makeAdam, 1e-4, 5e-2, goldenBound{5e-2, 1e-1}, goldenBound{2e-1, 5e-1}},
			{"rmsprop", makeRMSprop, 1e-3, 5e-2, goldenBound{5e-2, 1e-1}, goldenBound{2e-1, 5e-1}},
		},
	},
	{
		name: "alexnet", layers: func() []net.Layer { return withoutDropout(models.AlexNet(67, 67, 3, 10)) },
		logits: 1e-5, loss: 2e-6, gradients: goldenBound{1e-5, 5e-5},
	},
	{
		name:   "googlenet",
		build:  func() (*net.Model, error) { return models.GoogLeNetWith(80, 80, 3, 10, net.Linear, false) },
		logits: 1e-5, loss: 2e-6, gradients: goldenBound{1e-5, 5e-5},
	},
	{
		name: "vgg16", layers: func() []net.Layer { return withoutDropout(models.VGG16(32, 32, 3, 10)) },
		logits: 1e-5, loss: 2e-6, gradients: goldenBound{1e-5, 5e-5},
	},
	{
		name: "vgg19", layers: func() []net.Layer { return withoutDropout(models.VGG19(32, 32, 3, 10)) },
		logits: 1e-5, loss: 2e-6, gradients: goldenBound{1e-5, 5e-5},
	},
}

func makeSGD(o goldenOptimizer) net.Optimizer {
	return net.SGD{LearningRate: o.LearningRate, Momentum: o.Momentum}
}

func makeNesterov(o goldenOptimizer) net.Optimizer {
	return net.SGD{LearningRate: o.LearningRate, Momentum: o.Momentum, Nesterov: true}
}

func makeAdamW(o goldenOptimizer) net.Optimizer {
	return net.AdamW{LearningRate: o.LearningRate, WeightDecay: o.WeightDecay}
}

func makeRMSprop(o goldenOptimizer) net.Optimizer { return net.RMSprop{LearningRate: o.LearningRate} }

func makeAdam(o goldenOptimizer) net.Optimizer { return net.Adam{LearningRate: o.LearningRate} }

// lectureCNN is the lecture's network with its dropout off.
func lectureCNN() []net.Layer { return withoutDropout(models.LectureCNN()) }

func withoutDropout(layers []net.Layer) []net.Layer {
	for i, l := range layers {
		if d, ok := l.(net.Dropout); ok {
			d.Rate = 0
			layers[i] = d
		}
	}
	return layers
}

// flipped loosens the bounds of gradients, of moving averages after them and of
// steps. On the generic tier, whose products are rounded, ReLUs of ResNet-34 fall
// the other way than in Keras already in the first step: 1% of the gradients of
// the first layers. The same network on the vector tiers has the bounds above.
func (m goldenModel) flipped() goldenModel {
	const by = 30
	loosen := func(b goldenBound) goldenBound { return goldenBound{by * b.whole, by * b.sample} }
	m.gradients, m.moving = loosen(m.gradients), loosen(m.moving)
	m.training = slices.Clone(m.training)
	for i := range m.training {
		r := &m.training[i]
		r.early = by * r.early
		r.step1 = goldenBound{max(by*2e-4, 6*r.step1.whole), max(by*1e-3, 6*r.step1.sample)}
	}
	return m
}

func TestGolden(t *testing.T) {
	tier, err := kernels.BestTier()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range goldenModels {
		if tier == kernels.TierGeneric && c.name == "resnet34" {
			c = c.flipped()
		}
		t.Run(c.name, func(t *testing.T) {
			if strings.HasPrefix(c.name, "vgg") {
				skipSlow(t)
			}
			g := readGolden(t, c.name)
			start := make(map[string][]float32)
			for _, p := range g.Params {
				start[p.Name] = g.weights(p.Name, p.Shape)
			}
			k := &goldenTest{goldenModel: c, golden: g, start: start, x: g.inputs()}
			t.Run("FirstStep", k.firstStep)
			if testing.Short() || raceEnabled {
				return
			}
			for _, row := range c.training {
				t.Run(row.name, func(t *testing.T) { k.train(t, row) })
			}
		})
	}
}

// A goldenTest compares one model with its file.
type goldenTest struct {
	goldenModel
	*golden
	start map[string][]float32
	x     []float32
}

// model returns the network with the file's weights. It ends in logits.
func (k *goldenTest) model(t *testing.T, opt net.Optimizer) *net.Model {
	build := k.build
	if build == nil {
		layers := k.layers()
		last := layers[len(layers)-1].(net.Dense)
		last.Activation = net.Linear
		layers[len(layers)-1] = last
		build = func() (*net.Model, error) { return net.Sequential(layers...) }
	}
	m, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Params()) != len(k.Params) {
		t.Errorf("%d parameters, want %d", len(m.Params()), len(k.Params))
	}
	for _, want := range k.Params {
		p := m.Param(want.Name)
		if p == nil {
			t.Fatalf("no parameter %s", want.Name)
		}
		if !p.Shape.Equal(want.Shape) || p.Trainable != want.Trainable {
			t.Fatalf("%s: shape %v, trainable %v, want %v, %v", p.Name, p.Shape, p.Trainable, want.Shape, want.Trainable)
		}
		if err := p.Set(k.start[p.Name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Compile(opt, net.SparseCategoricalCrossentropy{FromLogits: true}, net.Options{Batch: k.Input[0], LossWeights: k.LossWeights}); err != nil {
		t.Fatal(err)
	}
	return m
}

func (k *goldenTest) firstStep(t *testing.T) {
	m := k.model(t, net.SGD{})
	e := &extremes{}
	defer e.log(t)
	k.checkLogits(t, e, m, "logits", k.Float64.InferenceLogits, k.Float32.InferenceLogits)
	loss, _, err := m.TrainStep(k.x, k.Labels)
	if err != nil {
		t.Fatal(err)
	}
	e.near(t, "loss", loss, k.Float64.Loss, k.Float32.Loss, k.Float64.Loss, k.loss)
	for _, p := range m.Params() {
		v, bound, want, keras := p.Grad, k.gradients, k.Float64.Gradients[p.Name], k.Float32.Gradients[p.Name]
		if !p.Trainable {
			v, bound, want, keras = p.Data, k.moving, k.Float64.Moving[p.Name], k.Float32.Moving[p.Name]
		}
		k.checkTensor(t, e, p.Name, v, want, keras, bound)
	}
	if k.Float64.InferenceLogitsAfter != nil {
		for name, w := range k.start {
			if p := m.Param(name); p.Trainable {
				if err := p.Set(w); err != nil {
					t.Fatal(err)
				}
			}
		}
		k.checkLogits(t, e, m, "logits after", k.Float64.InferenceLogitsAfter, k.Float32.InferenceLogitsAfter)
	}
}

func (k *goldenTest) checkLogits(t *testing.T, e *extremes, m *net.Model, what string, want, keras [][]float64) {
	t.Helper()
	classes := len(want[0])
	y := sideBySide(t, m, k.x, len(want))
	var squares float64
	for _, row := range want {
		for _, v := range row {
			squares += v * v
		}
	}
	rms := math.Sqrt(squares / float64(len(y)))
	for i, v := range y {
		r, c := i/classes, i%classes
		e.near(t, what, float64(v), want[r][c], keras[r][c], rms, k.logits)
	}
}

// sideBySide returns all outputs for n samples, those of a sample one after
// another.
func sideBySide(t *testing.T, m *net.Model, x []float32, n int) []float32 {
	t.Helper()
	var outs [][]float32
	for _, s := range m.OutputShapes() {
		outs = append(outs, make([]float32, n*s.Len()))
	}
	if err := m.PredictOutputs(outs, x); err != nil {
		t.Fatal(err)
	}
	var y []float32
	for i := range n {
		for _, o := range outs {
			cols := len(o) / n
			y = append(y, o[i*cols:(i+1)*cols]...)
		}
	}
	return y
}

func (k *goldenTest) checkTensor(t *testing.T, e *extremes, name string, v []float32, want, keras goldenTensor, b goldenBound) {
	t.Helper()
	if len(want.Samples) == 0 {
		t.Fatalf("%s: no digest", name)
	}
	got := k.digest(name, double(v), len(want.Samples))
	rms := want.Norm / math.Sqrt(float64(len(v)))
	e.near(t, name+": norm", got.Norm, want.Norm, keras.Norm, want.Norm, b.whole)
	e.near(t, name+": mean", got.Mean, want.Mean, keras.Mean, rms, b.whole)
	e.near(t, name+": projection", got.Projection, want.Projection, keras.Projection, want.Norm, b.whole)
	for i := range got.Samples {
		e.near(t, name+": sample", got.Samples[i], want.Samples[i], single(keras.Samples[i]), rms, b.sample)
	}
}

func (k *goldenTest) train(t *testing.T, row goldenRow) {
	options, ok := k.Optimizers[row.name]
	if !ok {
		t.Fatalf("no optimiser %s in the file", row.name)
	}
	m := k.model(t, row.make(options))
	want, keras := k.Float64.Training[row.name], k.Float32.Training[row.name]
	e := &extremes{}
	defer e.log(t)
	for i := range goldenSteps(t, len(want.Losses)) {
		loss, _, err := m.TrainStep(k.x, k.Labels)
		if err != nil {
			t.Fatal(err)
		}
		bound := row.late
		if i < 2 {
			bound = row.early
		}
		e.near(t, fmt.Sprintf("step %d: loss", i+1), loss, want.Losses[i], keras.Losses[i], want.Losses[i], bound)
		switch i + 1 {
		case 1:
			k.checkWeights(t, e, m, 1, want.Step1, keras.Step1, row.step1, func(name string, i int) float64 {
				g, ok := k.Float64.Gradients[name]
				if !ok { // a moving average
					return 0
				}
				rms := g.Norm / math.Sqrt(float64(len(k.start[name])))
				return row.enlarged(g.Samples[i], rms, options.LearningRate)
			})
		case 10:
			k.checkWeights(t, e, m, 10, want.Step10, keras.Step10, row.step10, func(string, int) float64 { return 0 })
		}
	}
}

// goldenSteps returns how many of n steps to run: portable code takes a second
// for each, so there it is one.
func goldenSteps(t *testing.T, n int) int {
	tier, err := kernels.BestTier()
	if err != nil {
		t.Fatal(err)
	}
	if tier == kernels.TierGeneric {
		return min(n, 1)
	}
	return n
}

// checkWeights compares every weight, and how far it moved, which is also
// allowed one rounding of the weight itself for every step. More is what else a sample
// of a weight may be off.
func (k *goldenTest) checkWeights(t *testing.T, e *extremes, m *net.Model, step int, want, keras map[string]goldenWeight, b goldenBound, more func(name string, i int) float64) {
	t.Helper()
	const u = 1.0 / (1 << 24)
	rounding := float64(step) * u
	for _, p := range m.Params() {
		w, f := want[p.Name], keras[p.Name]
		if len(w.Samples) == 0 || w.Moved == 0 {
			t.Fatalf("%s: no digest, or it never moved", p.Name)
		}
		now := double(p.Data)
		moved := make([]float64, len(now))
		for i, v := range k.start[p.Name] {
			moved[i] = now[i] - float64(v)
		}
		got := k.digest(p.Name, moved, 0)
		root := math.Sqrt(float64(len(now)))
		whole := b.whole + rounding*w.Norm/w.Moved
		name := fmt.Sprintf("step %d: %s", step, p.Name)
		e.near(t, name+": moved", got.Norm, w.Moved, f.Moved, w.Moved, whole)
		e.near(t, name+": mean move", got.Mean, w.Mean, f.Mean, w.Moved/root, whole)
		e.near(t, name+": projected move", got.Projection, w.Projection, f.Projection, w.Moved, whole)
		for i, v := range k.samples(p.Name, now, len(w.Samples)) {
			rms := w.Moved / root
			e.near(t, name+": sample", v, w.Samples[i], single(f.Samples[i]), rms, b.sample+(rounding*math.Abs(w.Samples[i])+more(p.Name, i))/rms)
		}
	}
}

// extremes keeps the comparison that came nearest to its bound.
type extremes struct {
	what                string
	error, keras, bound float64
}

// near fails if got is off want by more than bound*scale. Keras is what Keras
// has in float32.
func (e *extremes) near(t *testing.T, what string, got, want, keras, scale, bound float64) {
	t.Helper()
	err, theirs := math.Abs(got-want)/scale, math.Abs(keras-want)/scale
	if !(err <= bound) {
		t.Errorf("%s is %v, want %v: error %.2g, bound %.2g, Keras in float32 %.2g", what, got, want, err, bound, theirs)
	}
	if e.bound == 0 || err/bound > e.error/e.bound {
		*e = extremes{what, err, theirs, bound}
	}
}

func (e *extremes) log(t *testing.T) {
	t.Logf("nearest to its bound: %s: error %.2g, bound %.2g, Keras in float32 %.2g", e.what, e.error, e.bound, e.keras)
}
