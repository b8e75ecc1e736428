package net

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/simdconv/simdconv/net/safetensors"
)

const (
	maxWeightsHeader = 16 << 20 // bytes; a network of a thousand layers has half of one MiB
	maxListed        = 32       // names in an error

	hdf5Signature = "\x89HDF\r\n\x1a\n"
)

// LoadWeights reads the values of all parameters from a safetensors file or
// from one that Keras wrote. Names and shapes must be those of the model,
// without one missing or left over; the error lists all that do not fit.
// Values may be of type float16, float32, float64 and, in safetensors, BF16, and
// anything, NaN too.
//
// Of Keras's files there can be read what save_weights of Keras 2 and 3 writes
// (.weights.h5, and .h5 of Keras 2) and what save writes as .h5:
//
//	layer_names, weight_names     layer conv1, weight conv1/kernel:0  ->  conv1/kernel
//	layers/conv2d_3/vars/0, 1     the layer in the attribute name, if there is
//	                              one, as Keras 3.15 writes it; else the fourth
//	                              Conv2D in the order of Keras's model.layers;
//	                              0, 1 are its parameters in order
//
// What they keep beside weights, as of optimizers, is not looked at.
//
// The model changes only once everything was read and checked. It may be
// compiled or not; what an optimizer remembers stays as it is.
func (m *Model) LoadWeights(path string) error { return m.LoadWeightsAs(path, nil) }

// LoadWeightsAs does what LoadWeights does with a file in which some layers
// have other names: layers has the model's by the file's. It need not be of the
// file that layers are in it.
func (m *Model) LoadWeightsAs(path string, layers map[string]string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	defer f.Close()
	if err := m.loadWeights(f, layers); err != nil {
		return fmt.Errorf("%w (%s)", err, path)
	}
	return nil
}

// loadWeights finds out what the file is.
func (m *Model) loadWeights(f *os.File, layers map[string]string) error {
	var begin [8]byte
	n, err := f.ReadAt(begin[:], 0)
	if err != nil && err != io.EOF {
		return fmt.Errorf("net: %w", err)
	}
	switch {
	case string(begin[:n]) == hdf5Signature:
		info, err := f.Stat()
		if err != nil {
			return fmt.Errorf("net: %w", err)
		}
		return m.readKeras(f, info.Size(), layers)
	case strings.HasPrefix(string(begin[:n]), "PK\x03\x04"):
		return errors.New("net: a zip archive, want safetensors or HDF5: that of Keras (.keras) has the weights in model.weights.h5")
	}
	return m.readSafetensors(f, layers)
}

// ReadWeights reads safetensors from a stream, which ends with the file, as
// LoadWeights does.
func (m *Model) ReadWeights(r io.Reader) error { return m.readSafetensors(r, nil) }

func (m *Model) readSafetensors(r io.Reader, layers map[string]string) error {
	// No more data is read than the model has: fit sees to that.
	f, err := safetensors.NewReader(r, safetensors.Options{MaxHeader: maxWeightsHeader, MaxBytes: math.MaxInt64})
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	weights := describe(f.Tensors(), layers)
	if err := m.fit(weights); err != nil {
		return err
	}
	values, err := readValues(f, layers)
	if err != nil {
		return err
	}
	m.setAll(values)
	return nil
}

// readValues reads all tensors, by their names in the model.
func readValues(f *safetensors.Reader, layers map[string]string) (map[string][]float32, error) {
	values := make(map[string][]float32, len(f.Tensors()))
	for {
		t, err := f.Next()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, fmt.Errorf("net: %w", err)
		}
		if values[renamed(t.Name, layers)], err = f.Float32s(); err != nil {
			return nil, fmt.Errorf("net: %w", err)
		}
	}
}

// setAll sets every parameter.
func (m *Model) setAll(values map[string][]float32) {
	for _, p := range m.params {
		copy(p.Data, values[p.Name])
		p.Changed()
	}
}

// A weight is what a file says of an array.
type weight struct {
	name  string // with the model's name of the layer
	shape []int
	wrong string // why it cannot be read
}

// describe says what safetensors have.
func describe(tensors []safetensors.Info, layers map[string]string) (weights []weight) {
	for _, t := range tensors {
		w := weight{name: renamed(t.Name, layers), shape: t.Shape}
		if !t.DType.Float() {
			w.wrong = fmt.Sprintf("dtype %s, want F32, F16, BF16 or F64", t.DType)
		}
		weights = append(weights, w)
	}
	return weights
}

// renamed returns the name of a weight, whose last part is not the layer's, in
// the model.
func renamed(name string, layers map[string]string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		if layer, ok := layers[name[:i]]; ok {
			return layer + name[i:]
		}
	}
	return name
}

// fit reports every name, shape and type that is not the model's.
func (m *Model) fit(weights []weight) error {
	left := make(map[string]weight, len(weights))
	var missing, extra, wrong []string
	for _, w := range weights {
		if _, ok := left[w.name]; ok {
			wrong = append(wrong, fmt.Sprintf("%.100q: twice in the file", w.name))
		}
		left[w.name] = w
	}
	for _, p := range m.params {
		w, ok := left[p.Name]
		switch {
		case !ok:
			missing = append(missing, p.Name)
		case !p.Shape.Equal(w.shape):
			wrong = append(wrong, fmt.Sprintf("%s: file has %v, model wants %v", p.Name, w.shape, []int(p.Shape)))
		case w.wrong != "":
			wrong = append(wrong, fmt.Sprintf("%s: file has %s", p.Name, w.wrong))
		}
		delete(left, p.Name)
	}
	for name := range left {
		extra = append(extra, fmt.Sprintf("%.100q", name))
	}
	slices.Sort(extra)
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "missing "+list(missing, ", "))
	}
	if len(extra) > 0 {
		parts = append(parts, "extra "+list(extra, ", "))
	}
	if len(wrong) > 0 {
		parts = append(parts, list(wrong, "; "))
	}
	if parts == nil {
		return nil
	}
	return fmt.Errorf("net: weights do not fit the model: %s", strings.Join(parts, "; "))
}

// list joins the first names and counts the others.
func list(names []string, sep string) string {
	n := len(names) - maxListed
	if n <= 0 {
		return strings.Join(names, sep)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], sep), n)
}
