package net

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// twoHeads returns a model with a trunk and one output for each named head: a
// main one and an auxiliary one that leaves the trunk earlier.
func twoHeads(t testing.TB, last Activation, heads ...string) *Model {
	t.Helper()
	g := NewGraph()
	early := g.Apply(Conv2D{Name: "c1", Filters: 6, KernelSize: 3, Activation: ReLU}, g.Input(8, 8, 1))
	var outs []Value
	for _, h := range heads {
		switch h {
		case "main":
			late := g.Apply(BatchNormalization{Name: "n"}, g.Apply(Conv2D{Name: "c2", Filters: 5, KernelSize: 3}, early))
			outs = append(outs, g.Apply(Dense{Name: "main", Units: 4, Activation: last}, g.Apply(GlobalAvgPool2D{}, late)))
		case "aux":
			outs = append(outs, g.Apply(Dense{Name: "aux", Units: 4, Activation: last}, g.Apply(Flatten{}, early)))
		}
	}
	m, err := g.Model(outs[0], outs[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func compileHeads(t testing.TB, m *Model, logits bool, weights ...float64) *Model {
	t.Helper()
	err := m.Compile(SGD{LearningRate: 0.1}, SparseCategoricalCrossentropy{FromLogits: logits}, Options{Batch: 6, Seed: 1, LossWeights: weights})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The loss of two outputs is the weighted sum of each one's, and so are the
// gradients.
func TestTwoOutputs(t *testing.T) {
	d := toy(6, Shape{8, 8, 1}, 4)
	for _, c := range []struct {
		order   []string
		logits  bool
		weights []float64
	}{
		{[]string{"main", "aux"}, false, nil},
		{[]string{"main", "aux"}, true, []float64{1, 0.3}},
		{[]string{"main", "aux"}, false, []float64{0.5, 0.3}},
		{[]string{"aux", "main"}, false, []float64{0.25, 2}},
		{[]string{"main", "aux"}, false, []float64{1, 0}},
		{[]string{"main"}, false, []float64{0.5}},
	} {
		last := Softmax
		if c.logits {
			last = Linear
		}
		both := compileHeads(t, twoHeads(t, last, c.order...), c.logits, c.weights...)
		weights := c.weights
		if weights == nil {
			weights = []float64{1, 1}
		}
		evaluated, _, err := both.Evaluate(d)
		if err != nil {
			t.Fatal(err)
		}
		loss, correct, err := both.TrainStep(d.X, d.Y)
		if err != nil {
			t.Fatal(err)
		}
		var want, wantEvaluated float64
		grads := map[string][]float64{}
		for k, h := range c.order {
			one := compileHeads(t, twoHeads(t, last, h), c.logits)
			e, _, err := one.Evaluate(d)
			if err != nil {
				t.Fatal(err)
			}
			wantEvaluated += weights[k] * e
			l, right, err := one.TrainStep(d.X, d.Y)
			if err != nil {
				t.Fatal(err)
			}
			want += weights[k] * l
			if k == 0 && right != correct {
				t.Errorf("%+v: %d right, want the first output's %d", c, correct, right)
			}
			for _, p := range one.params {
				if p.Trainable && grads[p.Name] == nil {
					grads[p.Name] = make([]float64, len(p.Data))
				}
				for i, g := range p.Grad {
					grads[p.Name][i] += weights[k] * float64(g)
				}
			}
		}
		kerneltest.Close(t, "loss", []float32{float32(loss), float32(evaluated)}, []float64{want, wantEvaluated}, 1e-6)
		for _, p := range both.params {
			if p.Trainable {
				kerneltest.Close(t, p.Name, p.Grad, grads[p.Name], bound)
			}
		}
	}
}

// Predict computes the first output and gives the bits of a model that has no
// other; PredictOutputs gives all.
func TestPredictOutputs(t *testing.T) {
	x := make([]float32, 14*64)
	kerneltest.FillUniform(x, 3)
	both := compileHeads(t, twoHeads(t, Softmax, "main", "aux"), false)
	var want [2][]float32
	for k, h := range []string{"main", "aux"} {
		want[k] = make([]float32, 14*4)
		if err := compileHeads(t, twoHeads(t, Softmax, h), false).Predict(want[k], x); err != nil {
			t.Fatal(err)
		}
	}
	y := nan(14 * 4)
	if err := both.Predict(y, x); err != nil {
		t.Fatal(err)
	}
	kerneltest.Equal(t, "Predict", y, want[0])
	got := [][]float32{nan(14 * 4), nan(14 * 4)}
	if err := both.PredictOutputs(got, x); err != nil {
		t.Fatal(err)
	}
	kerneltest.Equal(t, "main", got[0], want[0])
	kerneltest.Equal(t, "aux", got[1], want[1])
	if s := both.OutputShapes(); len(s) != 2 || !s[1].Equal(Shape{4}) {
		t.Errorf("shapes %v", s)
	}
	one := compileHeads(t, twoHeads(t, Softmax, "aux"), false)
	if err := one.PredictOutputs([][]float32{y}, x); err != nil {
		t.Fatal(err)
	}
	kerneltest.Equal(t, "one output", y, want[1])
}

// An output may be a map, be read by another layer, and be the input itself.
func TestOutputsWithin(t *testing.T) {
	g := NewGraph()
	x := g.Input(4, 4, 2)
	c := g.Apply(Conv2D{Filters: 3, KernelSize: 1}, x)
	r := g.Apply(ReLU, c)
	f := g.Apply(Flatten{}, r)
	m, err := g.Model(f, c, x, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(nil, nil, Options{Batch: 3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	in := make([]float32, 5*32)
	kerneltest.FillUniform(in, 1)
	dst := [][]float32{nan(5 * 48), nan(5 * 48), nan(5 * 32), nan(5 * 48)}
	if err := m.PredictOutputs(dst, in); err != nil {
		t.Fatal(err)
	}
	kerneltest.Equal(t, "the input", dst[2], in)
	kerneltest.Equal(t, "a view", dst[0], dst[3])
	relu := slices.Clone(dst[1])
	if !slices.ContainsFunc(relu, func(v float32) bool { return v < 0 }) {
		t.Error("nothing is negative before the ReLU")
	}
	for i, v := range relu {
		relu[i] = max(v, 0)
	}
	kerneltest.Equal(t, "ReLU", dst[3], relu)
}

// Training with two outputs learns, and allocates nothing once it is warm.
func TestFitOutputs(t *testing.T) {
	d := toy(12, Shape{8, 8, 1}, 4)
	m := compileHeads(t, twoHeads(t, Softmax, "main", "aux"), false, 1, 0.3)
	before, _, err := m.Evaluate(d)
	if err != nil {
		t.Fatal(err)
	}
	history, err := m.Fit(d, FitOptions{Epochs: 60, Validation: d})
	if err != nil {
		t.Fatal(err)
	}
	if after := history[59].ValidationLoss; after > 0.7*before {
		t.Errorf("loss %v after training, %v before", after, before)
	}
	if n := testing.AllocsPerRun(10, func() { m.TrainStep(d.X[:6*64], d.Y[:6]) }); n >= 1 {
		t.Errorf("%v allocations in a step", n)
	}
}

func TestOutputErrors(t *testing.T) {
	g := NewGraph()
	x := g.Input(3)
	a := g.Apply(Dense{Units: 2, Activation: Softmax}, x)
	b := g.Apply(Dense{Units: 2}, x)
	_, err := g.Model(a, a, b)
	wantError(t, "twice", err, "output 1, dense/softmax, is one already")
	_, err = g.Model(a)
	wantError(t, "not all", err, "dense_1 comes after the output")
	_, err = g.Model(b)
	wantError(t, "not all", err, "dense/softmax: nothing reads its output")
	_, err = g.Model(a, Value{})
	wantError(t, "foreign", err, "not a value of this graph")
	m, err := g.Model(a, b)
	if err != nil {
		t.Fatal(err)
	}
	ce := SparseCategoricalCrossentropy{}
	wantError(t, "softmax", m.Compile(SGD{}, ce, Options{}), "does not end in a softmax...output 1, dense_1")
	two := twoHeads(t, Softmax, "main", "aux")
	wantError(t, "weights", two.Compile(SGD{}, ce, Options{LossWeights: []float64{1}}), "1 LossWeights for 2 outputs")
	wantError(t, "weights", two.Compile(SGD{}, ce, Options{LossWeights: []float64{1, -1}}), "weight 1 = -1")
	wantError(t, "not compiled", two.PredictOutputs(nil, nil), "call Compile first")
	compileHeads(t, two, false)
	in, y := make([]float32, 128), make([]float32, 8)
	wantError(t, "slices", two.PredictOutputs([][]float32{y}, in), "dst has 1 slices, want 2")
	wantError(t, "length", two.PredictOutputs([][]float32{y, y[:4]}, in), "dst has 4 values, want 8...output 1")
	wantError(t, "overlap", two.PredictOutputs([][]float32{y, y}, in), "outputs 0 and 1 overlap")
}
