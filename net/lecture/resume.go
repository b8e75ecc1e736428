package main

import (
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/simdconv/simdconv/net"
)

// An origin is a callback that does nothing but keep, in checkpoints, what they
// were made with. Training goes on with nothing else: it would end elsewhere.
type origin struct{ parts []part }

// A part is a number that must not change.
type part struct {
	name, what string
	value      float64
}

// newOrigin returns what a training looks at.
func newOrigin(in net.Shape, batch int, train, validation *imageSet) *origin {
	sum, held := crc32.ChecksumIEEE(train.pixels), 0
	if validation != nil {
		sum, held = crc32.Update(sum, crc32.IEEETable, validation.pixels), validation.len()
	}
	return &origin{[]part{
		{"batch", "images in a batch", float64(batch)},
		{"images", "images to train on", float64(train.len())},
		{"validation", "images to validate with", float64(held)},
		{"height", "rows of pixels in an image", float64(in[0])},
		{"pixels", "as the checksum of the images", float64(sum)},
	}}
}

// OnBatch does nothing.
func (o *origin) OnBatch(net.Progress) error { return nil }

// OnEpoch does nothing.
func (o *origin) OnEpoch(net.Progress) error { return nil }

// State implements net.StatefulCallback.
func (o *origin) State() net.State {
	n := map[string]float64{}
	for _, p := range o.parts {
		n[p.name] = p.value
	}
	return net.State{Numbers: n}
}

// SetState compares.
func (o *origin) SetState(s net.State) error {
	i := slices.IndexFunc(o.parts, func(p part) bool { was, ok := s.Numbers[p.name]; return !ok || was != p.value })
	if i < 0 {
		return nil
	}
	p := o.parts[i]
	return fmt.Errorf("it was made with %.0f %s, not %.0f", s.Numbers[p.name], p.what, p.value)
}
