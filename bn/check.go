package bn

import (
	"errors"
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

var (
	errNoWorkspace    = errors.New("bn: workspace is nil")
	errMaskAlone      = errors.New("bn: mask without ReLU")
	errOtherWorkspace = errors.New("bn: workspace belongs to another plan")
)

// An operand is a slice on its way in, with the length it should have.
type operand struct {
	name    string
	s       []float32
	want    int
	writes  bool
	inPlace bool // may be the very slice of another operand that is inPlace
}

// vector returns an operand of one element for each channel.
func (p *Plan) vector(name string, s []float32) operand {
	return operand{name: name, s: s, want: p.c}
}

// tensor returns an operand of one element for each channel of each pixel.
func (p *Plan) tensor(name string, s []float32) operand {
	return operand{name: name, s: s, want: p.m * p.c, inPlace: true}
}

func (o operand) written() operand {
	o.writes = true
	return o
}

// optional lets the operand be nil.
func (o operand) optional() operand {
	if o.s == nil {
		o.want = 0
	}
	return o
}

// check reports what is wrong with the operands of a call.
func (p *Plan) check(ws *Workspace, operands ...operand) error {
	if ws == nil {
		return errNoWorkspace
	}
	if ws.plan != p {
		return errOtherWorkspace
	}
	for i := range operands {
		if o := &operands[i]; len(o.s) != o.want {
			return fmt.Errorf("bn: %s has length %d, want %d", o.name, len(o.s), o.want)
		}
	}
	for i := range operands {
		for k := range operands[:i] {
			a, b := &operands[k], &operands[i]
			if !a.writes && !b.writes || !kernels.Overlap(a.s, b.s) {
				continue
			}
			if !a.inPlace || !b.inPlace || a.writes && b.writes {
				return fmt.Errorf("bn: %s and %s overlap", a.name, b.name)
			}
			if &a.s[0] != &b.s[0] {
				return fmt.Errorf("bn: %s and %s overlap in part", a.name, b.name)
			}
		}
	}
	return nil
}
