package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/simdconv/simdconv/net"
)

// A score is how a model does on images.
type score struct {
	loss, accuracy float64               // means
	confusion      [classes][classes]int // [label][prediction], numbers of images
}

// measure lets a model predict all images, batch by batch, and compares. The loss
// is Keras's sparse categorical cross-entropy. It ends early, with
// errInterrupted, once ctx is done.
func measure(ctx context.Context, model *net.Model, set *imageSet, batch int) (*score, error) {
	order := make([]int, set.len())
	for i := range order {
		order[i] = i
	}
	s := new(score)
	right := 0
	y := make([]float32, batch*classes)
	for x, labels := range set.batches(model.InputShape(), order, batch) {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		y := y[:len(labels)*classes]
		if err := model.Predict(y, x); err != nil {
			return nil, err
		}
		for i, label := range labels {
			p := y[i*classes : (i+1)*classes]
			// A probability that float32 rounds to zero has no logarithm.
			s.loss -= math.Log(math.Max(float64(p[label]), math.SmallestNonzeroFloat32))
			best := argmax(p)
			s.confusion[label][best]++
			if best == int(label) {
				right++
			}
		}
	}
	s.loss /= float64(set.len())
	s.accuracy = float64(right) / float64(set.len())
	return s, nil
}

// argmax returns the place of the first maximum.
func argmax(p []float32) int {
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}

// print writes a line for each class: how many images it has, the share of
// them that is right, and how often which class was taken for it.
func (s *score) print(w io.Writer, names []string) error {
	width := len("class")
	for _, name := range names {
		width = max(width, len(name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %-*s  images  accuracy  predicted as", width, "class")
	for i := range names {
		if i == 0 {
			b.WriteString("\n" + strings.Repeat(" ", width+22))
		}
		fmt.Fprintf(&b, "%6d", i)
	}
	b.WriteByte('\n')
	for i, name := range names {
		n := 0
		for _, c := range s.confusion[i] {
			n += c
		}
		share := "-"
		if n > 0 {
			share = fmt.Sprintf("%.4f", float64(s.confusion[i][i])/float64(n))
		}
		fmt.Fprintf(&b, "%d %-*s  %6d  %8s  ", i, width, name, n, share)
		for _, c := range s.confusion[i] {
			fmt.Fprintf(&b, "%6d", c)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
