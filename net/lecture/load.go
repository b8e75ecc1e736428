package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/simdconv/simdconv/net/idx"
)

// An imageSet is grey images of one size with a label for each.
type imageSet struct {
	pixels, labels []uint8
	height, width  int
}

func (s *imageSet) len() int { return len(s.labels) }

// slice returns images lo to hi, without copying.
func (s *imageSet) slice(lo, hi int) *imageSet {
	size := s.height * s.width
	return &imageSet{s.pixels[lo*size : hi*size], s.labels[lo:hi], s.height, s.width}
}

// load reads the images and labels of one part, train or t10k.
func load(fsys fs.FS, part string) (*imageSet, error) {
	images, err := read(fsys, part+"-images-idx3-ubyte", idx.ReadImages)
	if err != nil {
		return nil, err
	}
	labels, err := read(fsys, part+"-labels-idx1-ubyte", idx.ReadLabels)
	if err != nil {
		return nil, err
	}
	switch {
	case images.Dims[0] != labels.Dims[0]:
		return nil, fmt.Errorf("%s: %d images but %d labels", part, images.Dims[0], labels.Dims[0])
	case len(images.Data) == 0:
		return nil, fmt.Errorf("%s: %d images of %dx%d, want at least one pixel", part, images.Dims[0], images.Dims[1], images.Dims[2])
	}
	if i := slices.IndexFunc(labels.Data, func(l uint8) bool { return l >= classes }); i >= 0 {
		return nil, fmt.Errorf("%s: label %d of image %d, want 0 to %d", part, labels.Data[i], i, classes-1)
	}
	return &imageSet{images.Data, labels.Data, images.Dims[1], images.Dims[2]}, nil
}

// read decodes a file that may be spelled with .idx for -idx, and be packed.
func read(fsys fs.FS, name string, decode func(io.Reader, idx.Options) (*idx.Array, error)) (*idx.Array, error) {
	f, name, err := open(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := decode(f, idx.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

func open(fsys fs.FS, name string) (fs.File, string, error) {
	dotted := strings.Replace(name, "-idx", ".idx", 1)
	names := []string{name, name + ".gz", dotted, dotted + ".gz"}
	for _, n := range names {
		if f, err := fsys.Open(n); !errors.Is(err, fs.ErrNotExist) {
			return f, n, err
		}
	}
	return nil, "", fmt.Errorf("no %s, nor %s", name, strings.Join(names[1:], ", "))
}
