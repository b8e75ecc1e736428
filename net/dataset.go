package net

import (
	"errors"
	"fmt"
)

// A Dataset is samples with labels. The values of a sample lie one after
// another, as the model's input shape says: as X, or as Pixels, which are
// divided by 255 when they are used, or made by Sample when they are due.
//
// A Dataset is only read, and may be shared if Sample may.
type Dataset struct {
	X      []float32
	Pixels []uint8
	Y      []uint8 // one label per sample
	Size   int     // values per sample

	// Sample writes the values of sample i to dst. The samples of a batch are
	// made one after another by a goroutine of their own while the batch
	// before is used, so that a data set may be larger than memory. An error
	// ends what asked for the sample.
	Sample func(dst []float32, i int) error
}

// Len returns the number of samples.
func (d *Dataset) Len() int { return len(d.Y) }

// Slice returns samples lo to hi of d, without copying.
func (d *Dataset) Slice(lo, hi int) *Dataset {
	s := &Dataset{Y: d.Y[lo:hi], Size: d.Size}
	switch {
	case d.Sample != nil:
		s.Sample = func(dst []float32, i int) error { return d.Sample(dst, lo+i) }
	case d.X != nil:
		s.X = d.X[lo*d.Size : hi*d.Size]
	default:
		s.Pixels = d.Pixels[lo*d.Size : hi*d.Size]
	}
	return s
}

// check reports a data set that does not fit a model.
func (d *Dataset) check(in Shape) error {
	switch {
	case d == nil:
		return errors.New("net: no data set, want one")
	case d.X != nil && d.Pixels != nil:
		return errors.New("net: data set with both X and Pixels, want one of them")
	case d.Sample != nil && (d.X != nil || d.Pixels != nil):
		return errors.New("net: data set with Sample and X or Pixels, want one of them")
	case d.Len() == 0:
		return errors.New("net: data set without samples, want at least one")
	case d.Size != in.Len():
		return fmt.Errorf("net: data set with %d values per sample, want %d for the model's input %v", d.Size, in.Len(), in)
	}
	if d.Sample != nil {
		return nil
	}
	have := len(d.X) + len(d.Pixels)
	if have/d.Size != d.Len() || have%d.Size != 0 {
		return fmt.Errorf("net: data set with %d values for %d labels, want %d for each label", have, d.Len(), d.Size)
	}
	return nil
}

// gather makes the samples of the given numbers.
func (d *Dataset) gather(x []float32, y []uint8, numbers []int) error {
	for i, n := range numbers {
		y[i] = d.Y[n]
		row := x[i*d.Size : (i+1)*d.Size]
		switch {
		case d.Sample != nil:
			if err := d.Sample(row, n); err != nil {
				return fmt.Errorf("net: sample %d: %w", n, err)
			}
		case d.X != nil:
			copy(row, d.X[n*d.Size:])
		default:
			unit(row, d.Pixels[n*d.Size:])
		}
	}
	return nil
}

// unitOf[p] is p/255, rounded once.
var unitOf = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()

func unit(dst []float32, pixels []uint8) {
	pixels = pixels[:len(dst)]
	for i, p := range pixels {
		dst[i] = unitOf[p]
	}
}
