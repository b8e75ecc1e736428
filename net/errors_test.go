package net

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// wantError fails the test unless err holds every part of want, which are
// separated by "...".
func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want one with %q", what, want)
		return
	}
	for _, part := range strings.Split(want, "...") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: error %q, want it to say %q", what, err, part)
		}
	}
}

type badLayer struct{}

func (badLayer) Build(b *Builder, in ...Value) (Value, error) {
	return b.Add(Node{Name: "bad", Out: Shape{1}, View: true}, Value{})
}

func TestBuildErrors(t *testing.T) {
	image := Input(8, 8, 3)
	for _, c := range []struct {
		want   string
		layers []Layer
	}{
		{"no layers", nil},
		{"first layer is net.Flatten, want an Input", []Layer{Flatten{}}},
		{"second Input", []Layer{image, Input(3)}},
		{"layer 1 is nil", []Layer{image, nil}},
		{"input_layer: ...no sizes", []Layer{Input()}},
		{"input_layer: ...8x0x3", []Layer{Input(8, 0, 3)}},
		{"input_layer: ...-1", []Layer{Input(8, -1, 3)}},
		{"input_layer: ...elements", []Layer{Input(1<<20, 1<<20, 1<<20)}},
		{"conv2d: input shape 5, want a map", []Layer{Input(5), Conv2D{Filters: 1, KernelSize: 1}}},
		{"conv2d: Filters = 0, want at least 1", []Layer{image, Conv2D{KernelSize: 3}}},
		{"conv2d: KernelSize = 0", []Layer{image, Conv2D{Filters: 3}}},
		{"conv2d: Strides = -1", []Layer{image, Conv2D{Filters: 3, KernelSize: 3, Strides: -1}}},
		{"conv2d: Dilation = -2", []Layer{image, Conv2D{Filters: 3, KernelSize: 3, Dilation: -2}}},
		{"conv2d: Groups = -1", []Layer{image, Conv2D{Filters: 3, KernelSize: 3, Groups: -1}}},
		{"conv2d: Groups = 2, want a divisor of the input's 3 channels", []Layer{image, Conv2D{Filters: 4, KernelSize: 3, Groups: 2}}},
		{"conv2d: padding 7", []Layer{image, Conv2D{Filters: 4, KernelSize: 3, Padding: 7}}},
		{"conv2d: activation 9", []Layer{image, Conv2D{Filters: 4, KernelSize: 3, Activation: 9}}},
		{"conv2d: kernel: ...elements", []Layer{image, Conv2D{Filters: math.MaxInt / 2, KernelSize: 3}}},
		{"conv2d: geometry", []Layer{image, Conv2D{Filters: 4, KernelSize: math.MaxInt / 2, Padding: Same}}},
		{"second: ...larger", []Layer{image, Conv2D{Filters: 4, KernelSize: 7}, Conv2D{Name: "second", Filters: 4, KernelSize: 3}}},
		{"max_pooling2d: input shape 5, want a map", []Layer{Input(5), MaxPool2D{}}},
		{"max_pooling2d: PoolSize = -1", []Layer{image, MaxPool2D{PoolSize: -1}}},
		{"max_pooling2d: Strides = -1", []Layer{image, MaxPool2D{Strides: -1}}},
		{"max_pooling2d_1: ...larger", []Layer{image, MaxPool2D{PoolSize: 8}, MaxPool2D{}}},
		{"max_pooling2d: padding -1", []Layer{image, MaxPool2D{Padding: -1}}},
		{"dense: input shape 8x8x3, want a vector [features]: put a Flatten", []Layer{image, Dense{Units: 3}}},
		{"dense: Units = 0", []Layer{Input(3), Dense{}}},
		{"dense: activation -1", []Layer{Input(3), Dense{Units: 3, Activation: -1}}},
		{"dense: kernel: ...elements", []Layer{Input(3), Dense{Units: math.MaxInt / 2}}},
		{"average_pooling2d: input shape 5, want a map", []Layer{Input(5), AvgPool2D{}}},
		{"average_pooling2d: PoolSize = -1", []Layer{image, AvgPool2D{PoolSize: -1}}},
		{"average_pooling2d: ...larger", []Layer{image, AvgPool2D{PoolSize: 9}}},
		{"global_average_pooling2d: input shape 5, want a map", []Layer{Input(5), GlobalAvgPool2D{}}},
		{"batch_normalization: Momentum = 1.5, want", []Layer{image, BatchNormalization{Momentum: 1.5}}},
		{"batch_normalization: Momentum = NaN", []Layer{image, BatchNormalization{Momentum: math.NaN()}}},
		{"batch_normalization: Epsilon = -1, want", []Layer{image, BatchNormalization{Epsilon: -1}}},
		{"batch_normalization: Epsilon = +Inf", []Layer{image, BatchNormalization{Epsilon: math.Inf(1)}}},
		{"zero_padding2d: input shape 5, want a map", []Layer{Input(5), ZeroPadding2D{}}},
		{"zero_padding2d: 3 numbers of Padding, want 1, 2 or 4", []Layer{image, ZeroPadding2D{Padding: []int{1, 2, 3}}}},
		{"zero_padding2d: Padding = -1, want at least 0", []Layer{image, ZeroPadding2D{Padding: []int{1, -1}}}},
		{"zero_padding2d: Padding [", []Layer{image, ZeroPadding2D{Padding: []int{math.MaxInt}}}},
		{"zero_padding2d: ...elements", []Layer{image, ZeroPadding2D{Padding: []int{1 << 30}}}},
		{"add: 1 inputs, want at least 2", []Layer{image, Add{}}},
		{"concatenate: 1 inputs, want at least 2", []Layer{image, Concat{}}},
		{"two layers are named \"re_lu\"", []Layer{image, ReLULayer{}, ReLULayer{Name: "re_lu"}}},
		{"dropout: Rate = 1, want", []Layer{Input(3), Dropout{Rate: 1}}},
		{"dropout: Rate = -0.5", []Layer{Input(3), Dropout{Rate: -0.5}}},
		{"activation: activation 5", []Layer{Input(3), Activation(5)}},
		{"two layers are named \"a\"", []Layer{Input(3), Dense{Name: "a", Units: 3}, Dense{Name: "a", Units: 3}}},
		{"bad: input 0 is not a value of this model", []Layer{Input(3), badLayer{}}},
	} {
		_, err := Sequential(c.layers...)
		wantError(t, c.want, err, c.want)
	}
}

func TestNames(t *testing.T) {
	m := mustModel(t, Input(3), Dense{Units: 1}, Dense{Units: 1, Name: "dense_1"}, Dense{Units: 1}, Dense{Units: 1})
	var names []string
	for _, n := range m.nodes[1:] {
		names = append(names, n.Name)
	}
	if want := []string{"dense", "dense_1", "dense_2", "dense_3"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}

func TestBuilderErrors(t *testing.T) {
	b := newBuilder()
	in, err := Input(3).Build(b)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Dense{Units: 2}.Build(b, in, in)
	wantError(t, "two inputs", err, "dense: 2 inputs, want 1")
	left, err := Dense{Units: 2}.Build(b, in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.model([]Value{in}, "")
	wantError(t, "early output", err, "dense_1 comes after the output")
	out, err := Dense{Units: 2}.Build(b, in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.model([]Value{out}, "")
	wantError(t, "unread value", err, "dense_1: nothing reads its output")
	if _, err = Input(1).Build(b); err != nil {
		t.Fatal(err)
	}
	last, err := (&mix{name: "mix"}).Build(b, left, out)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.model([]Value{last}, "")
	wantError(t, "two inputs", err, "input_layer_1: 0 inputs")
}

func TestCompileErrors(t *testing.T) {
	ce := SparseCategoricalCrossentropy{}
	for _, c := range []struct {
		want   string
		opt    Optimizer
		loss   Loss
		o      Options
		layers []Layer
	}{
		{"Batch = -1", SGD{}, ce, Options{Batch: -1}, toyNetwork()},
		{"Momentum = 2", SGD{Momentum: 2}, ce, Options{}, toyNetwork()},
		{"an optimizer without a loss", SGD{}, nil, Options{}, toyNetwork()},
		{"FromLogits is set", SGD{}, SparseCategoricalCrossentropy{FromLogits: true}, Options{}, toyNetwork()},
		{"does not end in a softmax", SGD{}, ce, Options{}, []Layer{Input(3), Dense{Units: 3}}},
		{"output shape is 1x1x3", SGD{}, ce, Options{}, []Layer{Input(1, 1, 3), Softmax}},
		{"without trainable parameters", SGD{}, ce, Options{}, []Layer{Input(3), Softmax}},
		{"Threads is -1", SGD{}, ce, Options{Threads: -1}, toyNetwork()},
		{"tier", SGD{}, ce, Options{Tier: 99}, toyNetwork()},
		{"input_layer: a batch of ...elements", SGD{}, ce, Options{Batch: math.MaxInt / 2}, toyNetwork()},
	} {
		m := mustModel(t, c.layers...)
		wantError(t, c.want, m.Compile(c.opt, c.loss, c.o), c.want)
		if err := m.Predict(nil, nil); !errors.Is(err, errNotCompiled) {
			t.Errorf("%s: the model runs: %v", c.want, err)
		}
	}
}

// SIMDCONV_ISA is read once in a process, so this test runs itself in another.
func TestEnvironmentTier(t *testing.T) {
	if os.Getenv("SIMDCONV_ISA") == "avx9" {
		err := mustModel(t, toyNetwork()...).Compile(nil, nil, Options{})
		wantError(t, "SIMDCONV_ISA", err, "avx9")
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestEnvironmentTier$")
	cmd.Env = append(os.Environ(), "SIMDCONV_ISA=avx9")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A call with a bad argument says so and changes nothing.
func TestCallErrors(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	bad := slices.Clone(d.Y)
	bad[5] = 4
	m := compiled(t, Adam{}, Options{Batch: 8}, toyNetwork()...)
	only := compiled(t, nil, Options{Batch: 8}, toyNetwork()...)
	plain := mustModel(t, toyNetwork()...)
	if err := plain.Compile(nil, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	thawed := compiled(t, SGD{}, Options{Batch: 8}, toyNetwork()...)
	thawed.Param("dense/bias").Trainable = false
	if err := thawed.Compile(SGD{}, SparseCategoricalCrossentropy{}, Options{Batch: 8}); err != nil {
		t.Fatal(err)
	}
	thawed.Param("dense/bias").Trainable = true
	frozen := compiled(t, SGD{}, Options{Batch: 8}, toyNetwork()...)
	for _, p := range frozen.Params() {
		p.Trainable = false
	}
	never := mustModel(t, toyNetwork()...)
	step := func(m *Model, x []float32, y []uint8) error { _, _, err := m.TrainStep(x, y); return err }
	fit := func(m *Model, d *Dataset, o FitOptions) error { _, err := m.Fit(d, o); return err }
	evaluate := func(m *Model, d *Dataset) error { _, _, err := m.Evaluate(d); return err }

	var before []float32
	for _, p := range m.Params() {
		before = append(before, p.Data...)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{step(m, d.X, bad), "label 4 of sample 5 is out of range, want 0 to 3"},
		{step(m, nil, nil), "0 samples in a step, want 1 to the 8"},
		{step(m, make([]float32, 9*64), make([]uint8, 9)), "9 samples in a step"},
		{step(m, d.X[1:], d.Y), "x has 511 values, want 512"},
		{step(thawed, d.X, d.Y), "dense/bias: Trainable is true, but was not when"},
		{step(frozen, d.X[:64], d.Y[:1]), "Trainable is false, but was not when...call Compile again"},
		{step(never, d.X, d.Y), "call Compile first"},
		{step(only, d.X, d.Y), "can only predict"},
		{fit(m, &Dataset{X: d.X, Y: bad, Size: 64}, FitOptions{}), "label 4 of sample 5"},
		{fit(m, d, FitOptions{Epochs: -1}), "Epochs = -1"},
		{fit(m, d, FitOptions{Validation: &Dataset{X: d.X, Y: bad, Size: 64}}), "validation: ...label 4"},
		{fit(m, d, FitOptions{ValidationSplit: 1}), "ValidationSplit = 1, want"},
		{fit(m, d, FitOptions{ValidationSplit: -0.1}), "ValidationSplit = -0.1"},
		{fit(m, d, FitOptions{ValidationSplit: math.NaN()}), "ValidationSplit = NaN"},
		{fit(m, d, FitOptions{ValidationSplit: 0.95}), "leaves 0 to train on and 8 to validate with"},
		{fit(m, d.Slice(0, 1), FitOptions{ValidationSplit: 0.01}), "of 1 samples"},
		{fit(m, d, FitOptions{ValidationSplit: 0.5, Validation: d}), "both Validation and ValidationSplit"},
		{fit(m, &Dataset{X: d.X, Y: d.Y, Size: 63}, FitOptions{}), "63 values per sample, want 64"},
		{fit(m, &Dataset{X: d.X[1:], Y: d.Y, Size: 64}, FitOptions{}), "511 values for 8 labels"},
		{fit(m, &Dataset{X: d.X, Y: d.Y[1:], Size: 64}, FitOptions{}), "512 values for 7 labels"},
		{fit(m, &Dataset{Size: 64}, FitOptions{}), "without samples"},
		{fit(m, nil, FitOptions{}), "no data set"},
		{fit(m, &Dataset{X: d.X, Pixels: make([]uint8, 512), Y: d.Y, Size: 64}, FitOptions{}), "both X and Pixels"},
		{fit(never, d, FitOptions{}), "call Compile first"},
		{fit(only, d, FitOptions{}), "can only predict"},
		{evaluate(m, &Dataset{X: d.X, Y: bad, Size: 64}), "label 4"},
		{evaluate(never, d), "call Compile first"},
		{evaluate(plain, d), "without a loss"},
		{m.Predict(make([]float32, 4), d.X), "dst has 4 values, want 32"},
		{m.Predict(make([]float32, 32), d.X[1:]), "x has 511 values, want a multiple of 64"},
		{m.Predict(d.X[100:132], d.X), "overlap"},
		{never.Predict(nil, nil), "call Compile first"},
		{m.Param("dense/bias").Set(make([]float32, 3)), "dense/bias: 3 values, want 32"},
	} {
		wantError(t, c.want, c.err, c.want)
	}
	var after []float32
	for _, p := range m.Params() {
		after = append(after, p.Data...)
	}
	if !slices.Equal(before, after) || m.steps != 0 || m.epochs != 0 {
		t.Error("a refused call changed the model")
	}
	if err := m.Predict(nil, nil); err != nil {
		t.Errorf("predicting no samples: %v", err)
	}
}
