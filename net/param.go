package net

import (
	"fmt"
	"hash/fnv"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/random"
)

// A Param is one array of weights and, beside it, its gradient.
type Param struct {
	Name      string    // as Keras names it: conv2d_1/kernel, dense/bias
	Shape     Shape     // Keras's layout: kernels HWIO, dense [in, out]
	Data      []float32 // call Changed after writing to it
	Grad      []float32 // of the last training step; nil before Compile, and where Trainable is false
	Trainable bool      // a change takes Compile before the next step

	init    Initializer
	version uint64
}

// NewParam returns a trainable parameter of zeros that init fills when the
// model is compiled.
func NewParam(name string, shape Shape, init Initializer) *Param {
	return &Param{Name: name, Shape: shape, Data: kernels.AlignedFloats(shape.Len()), Trainable: true, init: init}
}

// Version counts the changes of Data. A Runner that keeps weights in a form
// of its own renews them when it differs. It is 0 until the first value is set.
func (p *Param) Version() uint64 { return p.version }

// Changed tells the model that Data has been written to.
func (p *Param) Changed() { p.version++ }

// Set copies data to the parameter. A parameter set before the model is
// compiled keeps its values.
func (p *Param) Set(data []float32) error {
	if len(data) != len(p.Data) {
		return fmt.Errorf("net: %s: %d values, want %d (%v)", p.Name, len(data), len(p.Data), p.Shape)
	}
	copy(p.Data, data)
	p.Changed()
	return nil
}

func (p *Param) initialize(seed uint64) {
	p.init.Init(p.Data, p.Shape, random.Key{Seed: seed, Stream: Stream(p.Name)})
	p.Changed()
}

// Stream returns the random stream of a layer or parameter: the 64-bit FNV-1a
// hash of its name, so that what other layers draw does not matter to it.
func Stream(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
