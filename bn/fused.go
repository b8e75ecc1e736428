package bn

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/micro"
)

// A Fused is what follows a normalisation in the same pass over memory: the sum
// with a residual, then ReLU.
//
//	y = max(gamma*xhat + beta + Residual, 0)
//
// Each part may be left out. NaN and -0 pass the maximum unchanged.
type Fused struct {
	Residual []float32 // m x C, or nil
	ReLU     bool

	// Mask, if not nil, has [Plan.MaskLen] bytes and receives, for
	// [Plan.BackwardFused], one bit for each element: whether y is positive. It
	// takes a thirty-second of what keeping y would take. What its bytes mean is
	// the plan's own business; it needs ReLU.
	Mask []uint8
}

// checkMask reports a mask of the wrong length. It may be nil unless needed.
func (p *Plan) checkMask(mask []uint8, needed bool) error {
	if mask == nil && !needed {
		return nil
	}
	if len(mask) != p.MaskLen() {
		return fmt.Errorf("bn: mask has length %d, want %d", len(mask), p.MaskLen())
	}
	return nil
}

func (p *Plan) checkFused(f Fused) error {
	if f.Mask != nil && !f.ReLU {
		return errMaskAlone
	}
	return p.checkMask(f.Mask, false)
}

// normalization returns the kernel that does f.
func (f Fused) normalization() micro.ChannelOp {
	op := micro.OpNormalize
	switch {
	case f.Mask != nil:
		op = micro.OpNormalizeReLUMask
	case f.ReLU:
		op = micro.OpNormalizeReLU
	}
	if f.Residual != nil {
		op += micro.OpNormalizeAdd - micro.OpNormalize
	}
	return op
}
