package net

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/net/safetensors"
)

// weighty has parameters of every rank, moving averages among them.
func weighty(t testing.TB, seed uint64) *Model {
	t.Helper()
	return compiled(t, Adam{}, Options{Batch: 4, Seed: seed},
		Input(8, 8, 1),
		Conv2D{Filters: 3, KernelSize: 3},
		BatchNormalization{},
		ReLU,
		Flatten{},
		Dense{Units: 4, Activation: Softmax},
	)
}

// bitsOf returns the bits of all parameters, and how often they changed.
func bitsOf(m *Model) (bits []uint32, versions []uint64) {
	for _, p := range m.Params() {
		for _, v := range p.Data {
			bits = append(bits, math.Float32bits(v))
		}
		versions = append(versions, p.Version())
	}
	return bits, versions
}

func saved(t testing.TB, m *Model) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := m.WriteWeights(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Weights come back to the bit, NaN payloads and moving averages too, into a
// model that has run already, and it then predicts what the first one does.
func TestWeightsRoundTrip(t *testing.T) {
	a, b := weighty(t, 1), weighty(t, 2)
	still := 0
	for _, p := range a.Params() {
		if !p.Trainable {
			kerneltest.FillUniform(p.Data, 7)
			for i := range p.Data {
				p.Data[i] += 2
			}
			p.Changed()
			still++
		}
	}
	if still == 0 {
		t.Fatal("no moving averages to test")
	}
	x, want, got := make([]float32, 3*64), make([]float32, 3*4), make([]float32, 3*4)
	kerneltest.FillUniform(x, 3)
	predict := func(m *Model, y []float32) {
		t.Helper()
		if err := m.Predict(y, x); err != nil {
			t.Fatal(err)
		}
	}
	predict(a, want)
	predict(b, got)
	if slices.Equal(got, want) {
		t.Fatal("two seeds predict the same")
	}
	path := filepath.Join(t.TempDir(), "cnn.safetensors")
	if err := a.SaveWeights(path); err != nil {
		t.Fatal(err)
	}
	if err := b.LoadWeights(path); err != nil {
		t.Fatal(err)
	}
	predict(b, got)
	kerneltest.Equal(t, "prediction", got, want)

	odd := a.Param("conv2d/kernel")
	for i, bits := range []uint32{0x7fc00001, 0xffc12345, 0x7f800000, 0xff800000, 1 << 31, 1} {
		odd.Data[i] = math.Float32frombits(bits)
	}
	odd.Changed()
	fresh := mustModel(t, Input(8, 8, 1), Conv2D{Filters: 3, KernelSize: 3}, BatchNormalization{}, ReLU, Flatten{}, Dense{Units: 4, Activation: Softmax})
	if err := fresh.ReadWeights(bytes.NewReader(saved(t, a))); err != nil {
		t.Fatal(err)
	}
	if err := fresh.Compile(nil, nil, Options{Seed: 3}); err != nil {
		t.Fatal(err)
	}
	bitsA, _ := bitsOf(a)
	if bits, _ := bitsOf(fresh); !slices.Equal(bits, bitsA) {
		t.Error("a model loaded before Compile has other bits")
	}
}

func TestWeightsFile(t *testing.T) {
	m := weighty(t, 1)
	f, err := safetensors.Read(bytes.NewReader(saved(t, m)), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Metadata["format"] != "simdconv" || len(f.Tensors) != len(m.Params()) {
		t.Errorf("metadata %v and %d tensors, want %d", f.Metadata, len(f.Tensors), len(m.Params()))
	}
	for _, x := range f.Tensors {
		p := m.Param(x.Name)
		if p == nil || !p.Shape.Equal(x.Shape) || !slices.Equal(p.Data, x.Data) {
			t.Errorf("%s %v is not the model's", x.Name, x.Shape)
		}
	}
	never := mustModel(t, toyNetwork()...)
	var out bytes.Buffer
	wantError(t, "before Compile", never.WriteWeights(&out), "conv2d/kernel has no values yet: call Compile or Set first")
	if out.Len() != 0 {
		t.Errorf("%d bytes written beside the error", out.Len())
	}
}

// edited returns the file of m with its content changed.
func edited(t testing.TB, m *Model, edit func(f *safetensors.File)) []byte {
	t.Helper()
	f, err := safetensors.Read(bytes.NewReader(saved(t, m)), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	edit(f)
	var out bytes.Buffer
	if err := safetensors.Write(&out, f); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A file that does not fit, or ends anywhere, says why and changes nothing.
func TestLoadErrors(t *testing.T) {
	m, other := weighty(t, 1), weighty(t, 2)
	good := saved(t, other)
	named := func(f *safetensors.File, name string) *safetensors.Tensor {
		i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == name })
		return &f.Tensors[i]
	}
	type bad struct {
		want string
		file []byte
	}
	cases := []bad{
		{"net: safetensors: ...header length ends after 0 bytes", nil},
		{`net: safetensors: "dense/kernel": the last tensor ends at ...bytes of data`, append(slices.Clone(good), 0)},
		{"net: weights do not fit the model: missing conv2d/kernel, conv2d/bias, batch_normalization/gamma, ...batch_normalization/moving_variance, dense/kernel, dense/bias", edited(t, other, func(f *safetensors.File) { f.Tensors = nil })},
		{`the model: missing dense/bias; extra "__more__", "dense/offset"`, edited(t, other, func(f *safetensors.File) {
			named(f, "dense/bias").Name = "dense/offset"
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "__more__", Shape: []int{0}})
		})},
		{"the model: conv2d/kernel: file has [3 3 3 1], model wants [3 3 1 3]; dense/bias: file has [4 1], model wants [4]", edited(t, other, func(f *safetensors.File) {
			named(f, "conv2d/kernel").Shape = []int{3, 3, 3, 1}
			named(f, "dense/bias").Shape = []int{4, 1}
		})},
		{`missing dense/bias; extra "bias"; conv2d/bias: file has [1], model wants [3]`, edited(t, other, func(f *safetensors.File) {
			named(f, "dense/bias").Name = "bias"
			*named(f, "conv2d/bias") = safetensors.Tensor{Name: "conv2d/bias", Shape: []int{1}, Data: []float32{1}}
		})},
		{`extra "x00", "x01"..."x31" and 8 more`, edited(t, other, func(f *safetensors.File) {
			for i := range 40 {
				f.Tensors = append(f.Tensors, safetensors.Tensor{Name: fmt.Sprintf("x%02d", i), Shape: []int{0}})
			}
		})},
		// The types' sizes agree, so that only the type is wrong.
		{"the model: dense/bias: file has dtype I32, want F32, F16, BF16 or F64", bytes.Replace(good, []byte(`"dense/bias":{"dtype":"F32"`), []byte(`"dense/bias":{"dtype":"I32"`), 1)},
	}
	for n := 1; n < len(good); n += 7 {
		cases = append(cases, bad{"net: safetensors: ...unexpected EOF", good[:n]})
	}
	bits, versions := bitsOf(m)
	dir := t.TempDir()
	for i, c := range cases {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, c.file, 0o666); err != nil {
			t.Fatal(err)
		}
		wantError(t, "stream", m.ReadWeights(struct{ io.Reader }{bytes.NewReader(c.file)}), c.want)
		wantError(t, "file", m.LoadWeights(path), c.want+"...("+path+")")
		nowBits, nowVersions := bitsOf(m)
		if !slices.Equal(nowBits, bits) || !slices.Equal(nowVersions, versions) {
			t.Fatalf("%s: the model changed", c.want)
		}
	}
	if err := m.LoadWeights(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := m.ReadWeights(bytes.NewReader(good)); err != nil {
		t.Errorf("the good file: %v", err)
	}
}
