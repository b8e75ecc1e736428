package conv

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

// Packed holds weights in the order a plan's kernels read them. Inference packs
// once, training each step. It may be read by any number of concurrent passes,
// but not while Pack writes it; made in a [Room], by one at a time.
type Packed struct {
	plan   *Plan
	pass   Pass
	data   []float32
	w      []float32 // while Pack runs, and until the pass if that packs
	filled bool
	finite bool // im2col: no weight is Inf or NaN
	room   *Room
}

// NewPacked allocates packed weights for Forward or BackwardData.
func (p *Plan) NewPacked(pass Pass) (*Packed, error) {
	d, err := p.newPacked(pass)
	if err == nil {
		d.data = kernels.AlignedFloats(d.Bytes() / 4)
	}
	return d, err
}

// newPacked returns packed weights without memory.
func (p *Plan) newPacked(pass Pass) (*Packed, error) {
	if pass != Forward && pass != BackwardData {
		return nil, fmt.Errorf("conv: NewPacked(%v), want Forward or BackwardData: other passes read no weights", pass)
	}
	return &Packed{plan: p, pass: pass}, nil
}

// Bytes returns the size of the packed weights.
func (d *Packed) Bytes() int {
	return 4 * d.plan.chosen[d.pass.index()].method.packedLen(d.plan, d.pass)
}

// Pack fills dst from w, R x S x C/Groups x K. It allocates nothing. dst must
// come from p.NewPacked or p.NewPackedIn. See [Options].Once for when w is read.
func (p *Plan) Pack(dst *Packed, w []float32) error {
	switch {
	case dst == nil:
		return fmt.Errorf("conv: Pack: dst is nil")
	case dst.plan != p:
		return fmt.Errorf("conv: Pack: dst belongs to another plan")
	case len(w) != p.shape.WLen():
		return fmt.Errorf("conv: Pack: w has %d elements, want %d (%d x %d x %d x %d)",
			len(w), p.shape.WLen(), p.shape.R, p.shape.S, p.cg, p.shape.K)
	}
	if !dst.room.enter() {
		return errRoom("Pack")
	}
	defer dst.room.leave()
	if dst.room != nil {
		dst.hold()
	}
	c := &p.chosen[dst.pass.index()]
	dst.w = w
	if dst.Bytes() == 0 { // the pass packs
		dst.filled = true
		return nil
	}
	p.opts.Pool.Run((*packTask)(dst), c.method.packParts(p, dst.pass), kernels.ThreadsFor(packFLOP*float64(len(dst.data)), p.opts.Threads))
	dst.w = nil
	dst.finite = c.algorithm == Im2col && p.engine.Finite(w)
	dst.filled = true
	return nil
}

// packFLOP is the operations of a convolution that take as long as packing one
// weight: about a nanosecond.
const packFLOP = 100

// packTask is the parts of packed weights.
type packTask Packed

func (t *packTask) Run(_, part int) {
	t.plan.chosen[t.pass.index()].method.pack(t.plan, t.pass, t.data, t.w, part)
}

// checkPacked says what is wrong with packed weights for a pass, but for what
// they hold.
func (p *Plan) checkPacked(w *Packed, pass Pass) error {
	switch {
	case w == nil:
		return fmt.Errorf("conv: %v: packed weights are nil", pass)
	case w.plan != p:
		return fmt.Errorf("conv: %v: packed weights belong to another plan", pass)
	case w.pass != pass:
		return fmt.Errorf("conv: %v: weights are packed for %v", pass, w.pass)
	}
	return nil
}

// checkFilled says why packed weights hold none. Their room has been entered.
func (d *Packed) checkFilled(pass Pass) error {
	switch {
	case !d.filled:
		return fmt.Errorf("conv: %v: packed weights are empty, call Pack first", pass)
	case !d.Filled():
		return fmt.Errorf("conv: %v: others have been packed in the room since, call Pack again", pass)
	}
	return nil
}
