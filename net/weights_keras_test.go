package net

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kerasFiles are weights of one model in the forms that Keras 2.15 and 3.15
// write; testdata/keras/generate.py says how.
var kerasFiles = []string{"keras2.only.h5", "keras2.model.h5", "keras2.weights.h5", "keras3.model.h5", "keras3.weights.h5"}

// kerasModel is that of testdata/keras/generate.py. It is built in another
// order than Keras's model.layers.
func kerasModel(t testing.TB, units int, dense string) *Model {
	t.Helper()
	g := NewGraph()
	c := g.Apply(Conv2D{Name: "c1", Filters: 3, KernelSize: 3}, g.Input(6, 6, 2))
	a := g.Apply(Conv2D{Filters: 3, KernelSize: 3, Padding: Same}, c)
	b := g.Apply(Conv2D{Filters: 3, KernelSize: 3, Padding: Same}, c)
	b = g.Apply(BatchNormalization{Name: "bn1"}, b)
	y := g.Apply(Flatten{}, g.Apply(Add{}, a, b))
	m, err := g.Model(g.Apply(Dense{Name: dense, Units: units}, g.Apply(Dropout{Rate: 0.5}, y)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// unpacked writes a file of testdata/keras, with its bytes changed by edit.
func unpacked(t testing.TB, name string, edit func(b []byte) []byte) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "keras", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		b = edit(b)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// formula is what generate.py gives a parameter.
func formula(name string, n int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(h.Sum64()%1000+uint64(i)) / 8
	}
	return v
}

func TestKerasFiles(t *testing.T) {
	for _, name := range kerasFiles {
		m := kerasModel(t, 4, "d")
		if err := m.LoadWeights(unpacked(t, name, nil)); err != nil {
			t.Error(err)
			continue
		}
		for _, p := range m.Params() {
			if !slices.Equal(p.Data, formula(p.Name, len(p.Data))) {
				t.Errorf("%s: %s begins with %v, want %v", name, p.Name, p.Data[:3], formula(p.Name, 3))
			}
		}
	}
}

// Layers may have other names in the file, of any form; the model's then are
// not names in it.
func TestLoadWeightsAs(t *testing.T) {
	for _, name := range append(kerasFiles, "safetensors") {
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if name != "safetensors" {
			path = unpacked(t, name, nil)
		} else {
			m := kerasModel(t, 4, "d")
			for _, p := range m.Params() {
				if err := p.Set(formula(p.Name, len(p.Data))); err != nil {
					t.Fatal(err)
				}
			}
			if err := m.SaveWeights(path); err != nil {
				t.Fatal(err)
			}
		}
		m := kerasModel(t, 4, "predictions")
		if name != "keras2.weights.h5" { // it has no names, only places
			wantError(t, name, m.LoadWeights(path), `net: weights do not fit the model: missing predictions/kernel, predictions/bias; extra "d/`)
		}
		if err := m.LoadWeightsAs(path, map[string]string{"d": "predictions", "probs": "predictions"}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p := m.Param("predictions/kernel"); !slices.Equal(p.Data, formula("d/kernel", len(p.Data))) {
			t.Errorf("%s: predictions/kernel begins with %v", name, p.Data[:3])
		}
	}
}

// What does not fit, or is broken anywhere, leaves the model as it was.
func TestKerasErrors(t *testing.T) {
	replace := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte {
			if !bytes.Contains(b, []byte(old)) {
				t.Fatalf("no %q", old)
			}
			return bytes.ReplaceAll(b, []byte(old), []byte(new))
		}
	}
	for _, c := range []struct {
		file, want string
		units      int
		edit       func(b []byte) []byte
	}{
		{"keras3.weights.h5", "d/kernel: file has [48 4], model wants [48 5]; d/bias: file has [4], model wants [5]", 5, nil},
		{"keras2.only.h5", "d/kernel: file has [48 4], model wants [48 5]; d/bias: file has [4], model wants [5]", 5, nil},
		{"keras2.weights.h5", "d/kernel: file has [48 4], model wants [48 5]; d/bias: file has [4], model wants [5]", 5, nil},
		{"keras3.weights.h5", `missing bn1/gamma, bn1/beta, bn1/moving_mean, bn1/moving_variance; extra "bn2/0", "bn2/1", "bn2/2", "bn2/3"`, 4, replace("bn1\x00", "bn2\x00")},
		{"keras2.weights.h5", `missing d/kernel, d/bias; extra "layers/dance/vars/0", "layers/dance/vars/1"`, 4, replace("dense\x00", "dance\x00")},
		{"keras2.only.h5", `layer "bn2" of layer_names has no group`, 4, replace("\x03\x00\x00\x00\x00\x00\x00\x00bn1", "\x03\x00\x00\x00\x00\x00\x00\x00bn2")},
		{"keras2.only.h5", `layer "c1": weight "c1/kernel:0" of weight_names is not in the file`, 4, replace("\x00kernel:0", "\x00kernal:0")},
		{"keras2.only.h5", "not a file of Keras: it has neither an attribute layer_names, also of model_weights, nor a group layers", 4, replace("layer_names", "layer_nomes")},
		{"keras3.weights.h5", "net: hdf5: superblock at byte 0: the file ends after ", 4, func(b []byte) []byte { return b[:len(b)-1] }},
		{"keras3.weights.h5", "net: a zip archive", 4, func(b []byte) []byte { return []byte("PK\x03\x04 and more") }},
		{"keras3.weights.h5", "net: safetensors: header length ends after 4 bytes", 4, func(b []byte) []byte { return b[:4] }},
	} {
		m := kerasModel(t, c.units, "d")
		path := unpacked(t, c.file, c.edit)
		wantError(t, c.file, m.LoadWeights(path), c.want+"...("+path+")")
		if i := slices.IndexFunc(m.Params(), func(p *Param) bool { return p.Version() != 0 }); i >= 0 {
			t.Errorf("%s: %s changed", c.want, m.Params()[i].Name)
		}
	}
}

// Every part of a file may be cut off or wrong; nothing is loaded by halves.
func TestKerasBroken(t *testing.T) {
	for _, name := range kerasFiles {
		refused := 0
		for at := 0; at < 9000; at += 97 {
			m := kerasModel(t, 4, "d")
			err := m.LoadWeights(unpacked(t, name, func(b []byte) []byte {
				for i := range b[at:min(at+8, len(b))] {
					b[at+i] = 0xff
				}
				return b
			}))
			versions := map[bool]bool{}
			for _, p := range m.Params() {
				versions[p.Version() == 0] = true
			}
			if err != nil {
				refused++
			}
			if len(versions) != 1 || versions[true] != (err != nil) {
				t.Fatalf("%s, broken at byte %d: %v, and some parameters changed: %v", name, at, err, versions)
			}
		}
		if refused < 10 {
			t.Errorf("%s: %d broken files refused, want 10", name, refused)
		}
	}
}

// FuzzKeras reads anything as a file of Keras: all parameters change, or none
// and the error says why.
func FuzzKeras(f *testing.F) {
	for _, name := range kerasFiles {
		b, err := os.ReadFile(unpacked(f, name, nil))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	m := kerasModel(f, 4, "d")
	f.Fuzz(func(t *testing.T, b []byte) {
		before := m.Params()[0].Version()
		err := m.readKeras(bytes.NewReader(b), int64(len(b)), map[string]string{"e": "d"})
		after := before
		if err == nil {
			after++
		} else if !strings.HasPrefix(err.Error(), "net: ") || len(err.Error()) > 20000 {
			t.Fatalf("error %v", err)
		}
		for _, p := range m.Params() {
			if p.Version() != after {
				t.Fatalf("%s has version %d, want %d (%v)", p.Name, p.Version(), after, err)
			}
		}
	})
}

// TestSnakeCase has the classes whose names Keras writes.
func TestSnakeCase(t *testing.T) {
	for class, want := range map[string]string{
		"Conv2D": "conv2d", "BatchNormalization": "batch_normalization", "Dense": "dense", "ReLU": "re_lu",
		"ZeroPadding2D": "zero_padding2d", "GlobalAveragePooling2D": "global_average_pooling2d", "InputLayer": "input_layer",
	} {
		if got := snakeCase(class); got != want {
			t.Errorf("snakeCase(%s) = %s, want %s", class, got, want)
		}
	}
}

// The order of layers is that which Keras 2.15 and 3.15 print of model.layers.
func TestKerasOrder(t *testing.T) {
	var names []string
	for _, r := range kerasModel(t, 4, "d").kerasOrder() {
		names = append(names, r.name)
	}
	if got, want := strings.Join(names, " "), "input_layer c1 conv2d_1 conv2d bn1 add flatten dropout d"; got != want {
		t.Errorf("layers %s, want %s", got, want)
	}
	if got := fmt.Sprint(kerasModel(t, 4, "d").kerasPlaces()["layers/conv2d_1"]); got != "conv2d_1" {
		t.Errorf("layers/conv2d_1 is %s, want conv2d_1", got)
	}
}
