package net

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/simdconv/simdconv/net/safetensors"
)

const (
	maxWeightsHeader = 16 << 20 // bytes; a network of a thousand layers has half of one MiB
	maxListed        = 32       // names in an error
)

// SaveWeights writes the values of all parameters, moving averages included,
// to a safetensors file, each under its Param's name.
//
// The file is replaced as a whole: a program that ends at any moment, or a
// disk that is full, leaves at path what was there before. The new file is
// written beside it as .simdconv-*.tmp, which a program that was killed leaves
// behind, synced and renamed. It keeps the permissions of the old one; a
// symbolic link stays, and its target is replaced.
//
// Saving a model before its parameters have values is an error.
func (m *Model) SaveWeights(path string) error {
	return replaceFile(path, m.WriteWeights)
}

// WriteWeights writes what SaveWeights does to a stream.
func (m *Model) WriteWeights(w io.Writer) error {
	f := safetensors.File{Metadata: map[string]string{"format": "simdconv"}}
	for _, p := range m.params {
		if p.Version() == 0 {
			return fmt.Errorf("net: %s has no values yet: call Compile or Set first", p.Name)
		}
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Data})
	}
	if err := safetensors.Write(w, &f); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	return nil
}

// LoadWeights reads the values of all parameters from a safetensors file.
// Names and shapes must be those of the model, without one missing or left
// over; the error lists all that do not fit. Values may be of type F32, F16,
// BF16 or F64, and anything, NaN too.
//
// The model changes only once everything was read and checked. It may be
// compiled or not; what an optimizer remembers stays as it is.
func (m *Model) LoadWeights(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	defer f.Close()
	if err := m.ReadWeights(f); err != nil {
		return fmt.Errorf("%w (%s)", err, path)
	}
	return nil
}

// ReadWeights reads what LoadWeights does from a stream, which ends with the
// file.
func (m *Model) ReadWeights(r io.Reader) error {
	// No more data is read than the model has: checkWeights sees to that.
	f, err := safetensors.NewReader(r, safetensors.Options{MaxHeader: maxWeightsHeader, MaxBytes: math.MaxInt64})
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	if err := m.checkWeights(f.Tensors()); err != nil {
		return err
	}
	values := make(map[string][]float32, len(m.params))
	for {
		t, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("net: %w", err)
		}
		if values[t.Name], err = f.Float32s(); err != nil {
			return fmt.Errorf("net: %w", err)
		}
	}
	for _, p := range m.params {
		copy(p.Data, values[p.Name])
		p.Changed()
	}
	return nil
}

// checkWeights reports every name, shape and type that does not fit.
func (m *Model) checkWeights(tensors []safetensors.Info) error {
	left := make(map[string]safetensors.Info, len(tensors))
	for _, t := range tensors {
		left[t.Name] = t
	}
	var missing, extra, wrong []string
	for _, p := range m.params {
		t, ok := left[p.Name]
		switch {
		case !ok:
			missing = append(missing, p.Name)
		case !p.Shape.Equal(t.Shape):
			wrong = append(wrong, fmt.Sprintf("%s: file has %v, model wants %v", p.Name, t.Shape, []int(p.Shape)))
		case !t.DType.Float():
			wrong = append(wrong, fmt.Sprintf("%s: file has dtype %s, want F32, F16, BF16 or F64", p.Name, t.DType))
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

// replaceFile makes what write writes the content of the file at path, or
// leaves everything as it is.
func replaceFile(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	old, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("net: %w", err)
	}
	if err == nil && !old.Mode().IsRegular() {
		return fmt.Errorf("net: %s is not a regular file but %v", path, old.Mode())
	}
	f, err := createBeside(path)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	if err := fill(f, old, write); err != nil {
		os.Remove(f.Name())
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("net: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	return nil
}

// createBeside makes a new file in the folder of path. Unlike os.CreateTemp it
// leaves its permissions to the umask.
func createBeside(path string) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".simdconv-%016x.tmp", rand.Uint64()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// fill writes and closes f, which gets the permissions of old, if there is one.
func fill(f *os.File, old fs.FileInfo, write func(io.Writer) error) error {
	defer f.Close()
	if old != nil {
		if err := keepMode(f, old.Mode().Perm()); err != nil {
			return fmt.Errorf("net: %w", err)
		}
	}
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	return nil
}

// keepMode changes permissions only where they differ: not every file system
// has them.
func keepMode(f *os.File, want fs.FileMode) error {
	now, err := f.Stat()
	if err != nil || now.Mode().Perm() == want {
		return err
	}
	return f.Chmod(want)
}

// syncFolder makes a rename last, where the system can open and sync folders.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		defer d.Close()
		err = d.Sync()
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
