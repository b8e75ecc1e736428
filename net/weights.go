package net

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"github.com/simdconv/simdconv/net/safetensors"
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

// replaceFile makes what write writes the content of the file at path, or
// leaves everything as it is.
func replaceFile(path string, write func(io.Writer) error) error {
	path = target(path)
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

// target returns what a path leads to by symbolic links, though it may not be
// there yet.
func target(path string) string {
	for range 40 { // as many as Linux follows
		if end, err := filepath.EvalSymlinks(path); err == nil {
			return end
		}
		link, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(path), link)
		}
		path = link
	}
	return path
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
