package pool

import (
	"errors"
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

var (
	errNoWorkspace    = errors.New("pool: workspace is nil")
	errOtherWorkspace = errors.New("pool: workspace belongs to another plan")
)

// An operand is a slice on its way in, with the length it should have.
type operand struct {
	name string
	s    []float32
	want int
}

// check reports what is wrong with the operands that every call has.
func (p *Plan) check(ws *Workspace, out, in operand) error {
	switch {
	case ws == nil:
		return errNoWorkspace
	case ws.job.plan != p:
		return errOtherWorkspace
	case len(out.s) != out.want:
		return fmt.Errorf("pool: %s has length %d, want %d", out.name, len(out.s), out.want)
	case len(in.s) != in.want:
		return fmt.Errorf("pool: %s has length %d, want %d", in.name, len(in.s), in.want)
	case kernels.Overlap(out.s, in.s):
		return fmt.Errorf("pool: %s and %s overlap", out.name, in.name)
	}
	return nil
}

func (p *Plan) checkArgmax(argmax []uint8) error {
	if p.op != Max {
		return fmt.Errorf("pool: argmax has length %d, want nil for %v pooling", len(argmax), p.op)
	}
	if len(argmax) != p.yLen {
		return fmt.Errorf("pool: argmax has length %d, want %d", len(argmax), p.yLen)
	}
	return nil
}
