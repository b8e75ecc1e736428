package net

import (
	"errors"
	"fmt"
)

// A Dataset is samples with labels. The values of a sample lie one after
// another, as the model's input shape says; either as X, or as Pixels, which
// are divided by 255 when they are used.
//
// A Dataset is only read, and may be shared.
type Dataset struct {
	X      []float32
	Pixels []uint8 // where X is nil
	Y      []uint8 // one label per sample
	Size   int     // values per sample
}

// Len returns the number of samples.
func (d *Dataset) Len() int { return len(d.Y) }

// Slice returns samples lo to hi of d, without copying.
func (d *Dataset) Slice(lo, hi int) *Dataset {
	s := &Dataset{Y: d.Y[lo:hi], Size: d.Size}
	if d.X != nil {
		s.X = d.X[lo*d.Size : hi*d.Size]
	} else {
		s.Pixels = d.Pixels[lo*d.Size : hi*d.Size]
	}
	return s
}

// check reports a data set that does not fit a model.
func (d *Dataset) check(in, out Shape, loss Loss) error {
	switch {
	case d == nil:
		return errors.New("net: no data set, want one")
	case d.X != nil && d.Pixels != nil:
		return errors.New("net: data set with both X and Pixels, want one of them")
	case d.Len() == 0:
		return errors.New("net: data set without samples, want at least one")
	case d.Size != in.Len():
		return fmt.Errorf("net: data set with %d values per sample, want %d for the model's input %v", d.Size, in.Len(), in)
	}
	have := len(d.X) + len(d.Pixels)
	if have/d.Size != d.Len() || have%d.Size != 0 {
		return fmt.Errorf("net: data set with %d values for %d labels, want %d for each label", have, d.Len(), d.Size)
	}
	return loss.CheckLabels(d.Y, out)
}

// samples returns the values of samples lo to hi, in buf if they are Pixels.
func (d *Dataset) samples(buf []float32, lo, hi int) []float32 {
	if d.X != nil {
		return d.X[lo*d.Size : hi*d.Size]
	}
	buf = buf[:(hi-lo)*d.Size]
	unit(buf, d.Pixels[lo*d.Size:hi*d.Size])
	return buf
}

// gather copies the samples of the given numbers to x and y.
func (d *Dataset) gather(x []float32, y []uint8, numbers []int) {
	for i, n := range numbers {
		y[i] = d.Y[n]
		row := x[i*d.Size : (i+1)*d.Size]
		if d.X != nil {
			copy(row, d.X[n*d.Size:])
		} else {
			unit(row, d.Pixels[n*d.Size:])
		}
	}
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
