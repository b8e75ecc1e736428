package main

import (
	"context"
	"image"
	"iter"

	"golang.org/x/image/draw"

	"github.com/simdconv/simdconv/net"
)

// A converter makes a network's input of grey images of one size: brought to
// the input's height and width by linear interpolation, scaled from 0 to 1,
// and repeated in each channel. It is not safe for concurrent use.
type converter struct {
	channels int
	grey     image.Gray
	scaled   *image.RGBA // nil: the images have the right size
	scaler   draw.Scaler
}

func newConverter(in net.Shape, height, width int) *converter {
	c := &converter{channels: 1}
	if len(in) == 3 {
		c.channels = in[2]
	}
	c.grey = image.Gray{Stride: width, Rect: image.Rect(0, 0, width, height)}
	if height != in[0] || width != in[1] {
		c.scaled = image.NewRGBA(image.Rect(0, 0, in[1], in[0]))
		c.scaler = draw.BiLinear.NewScaler(in[1], in[0], width, height)
	}
	return c
}

// convert writes the input made of one image to dst.
func (c *converter) convert(dst []float32, pixels []uint8) {
	step := 1
	if c.scaled != nil {
		c.grey.Pix = pixels
		c.scaler.Scale(c.scaled, c.scaled.Rect, &c.grey, c.grey.Rect, draw.Src, nil)
		pixels, step = c.scaled.Pix, 4 // red, which is green and blue
	}
	for i := 0; len(dst) > 0; i += step {
		v := float32(pixels[i]) / 255
		for j := range c.channels {
			dst[j] = v
		}
		dst = dst[c.channels:]
	}
}

// batches yields the network's input and the labels for the images of the
// given numbers, size of them at a time. One batch is made while another is
// used, so that a data set needs no more room than its pixels however large
// the network's images are. What is yielded is valid until the next.
func (s *imageSet) batches(in net.Shape, order []int, size int) iter.Seq2[[]float32, []uint8] {
	return func(yield func([]float32, []uint8) bool) {
		type batch struct {
			x []float32
			y []uint8
		}
		free, ready, done := make(chan batch, 2), make(chan batch), make(chan struct{})
		defer close(done)
		for range cap(free) {
			free <- batch{make([]float32, size*in.Len()), make([]uint8, size)}
		}
		go func() {
			defer close(ready)
			c := newConverter(in, s.height, s.width)
			for left := order; len(left) > 0; {
				var b batch
				select {
				case b = <-free:
				case <-done:
					return
				}
				n := min(size, len(left))
				b.x, b.y = b.x[:n*in.Len()], b.y[:n]
				s.gather(c, b.x, b.y, left[:n])
				left = left[n:]
				select {
				case ready <- b:
				case <-done:
					return
				}
			}
		}()
		for b := range ready {
			if !yield(b.x, b.y) {
				return
			}
			free <- batch{b.x[:cap(b.x)], b.y[:cap(b.y)]}
		}
	}
}

// dataset returns the images as samples that are made when they are due, until
// ctx is done.
func (s *imageSet) dataset(ctx context.Context, in net.Shape) *net.Dataset {
	c := newConverter(in, s.height, s.width)
	size := s.height * s.width
	return &net.Dataset{Y: s.labels, Size: in.Len(), Sample: func(dst []float32, i int) error {
		if ctx.Err() != nil {
			return errInterrupted
		}
		c.convert(dst, s.pixels[i*size:(i+1)*size])
		return nil
	}}
}

// gather converts the images of the given numbers.
func (s *imageSet) gather(c *converter, x []float32, y []uint8, numbers []int) {
	from, to := s.height*s.width, len(x)/len(y)
	for i, n := range numbers {
		y[i] = s.labels[n]
		c.convert(x[i*to:(i+1)*to], s.pixels[n*from:(n+1)*from])
	}
}
