package shapes

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// A Layer is one distinct convolution of a network.
type Layer struct {
	Name            string
	C, K            int // input and output channels
	geometry.Window     // checked
	Times           int // how many layers of the network are like it
}

// FLOP returns the floating-point operations of the layer on n images,
//
//	2 * n * OH * OW * K * C * R * S
//
// for each of its three passes. Taps that lie in the padding count, though
// nothing has to be done for them, and so does what a faster algorithm saves.
func (l Layer) FLOP(n int) float64 {
	oh, ow := l.Out()
	f := 2.0
	for _, v := range []int{n, oh, ow, l.K, l.C, l.R, l.S} {
		f *= float64(v)
	}
	return f
}

// The columns of a file of layers.
const (
	colName = iota
	colC
	colH
	colW
	colK
	colR
	colS
	colStride
	colPad
	colTimes
)

var layerColumns = []string{"name", "c", "h", "w", "k", "r", "s", "stride", "pad", "times"}

// ReadLayers reads a file of layers. Errors name the file and the line as
// given, the value at fault and what was expected: a wrong number of columns,
// a size that is no number or out of bounds, a window larger than the padded
// input, operands too large to be addressed, a name twice, no row at all.
func ReadLayers(file string, r io.Reader) ([]Layer, error) {
	var layers []Layer
	lines := map[string]int{}
	err := eachRow(file, r, layerColumns, func(r row) error {
		l, err := r.layer()
		if err != nil {
			return err
		}
		if first, ok := lines[l.Name]; ok {
			return r.errorf(colName, "a name that line %d does not have", first)
		}
		lines[l.Name] = r.line
		layers = append(layers, l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return layers, nil
}

func (r row) layer() (Layer, error) {
	l := Layer{Name: r.fields[colName]}
	if strings.Trim(l.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return l, r.errorf(colName, "lower-case letters, digits and underscores")
	}
	if err := r.sizes(colC, &l.C, &l.H, &l.W, &l.K, &l.R, &l.S, &l.StrideH); err != nil {
		return l, err
	}
	if err := r.sizes(colTimes, &l.Times); err != nil {
		return l, err
	}
	l.StrideW = l.StrideH
	w, err := r.pad(l.Window)
	if err != nil {
		return l, err
	}
	if l.Window, err = w.Check(); err != nil {
		return l, fmt.Errorf("%s:%d: %w", r.file, r.line, err)
	}
	oh, ow := l.Out()
	for _, operand := range [][]int{{l.H, l.W, l.C}, {l.R, l.S, l.C, l.K}, {oh, ow, l.K}} {
		if _, err := geometry.Volume(operand...); err != nil {
			return l, fmt.Errorf("%s:%d: %w", r.file, r.line, err)
		}
	}
	return l, nil
}

// pad returns w with the padding that the row asks for.
func (r row) pad(w geometry.Window) (geometry.Window, error) {
	switch field := r.fields[colPad]; field {
	case "same":
		return w.Same(), nil
	case "valid":
		return w.Valid(), nil
	default:
		sides := strings.Split(field, ",")
		dst := []*int{&w.Top, &w.Bottom, &w.Left, &w.Right}
		for i, p := range dst {
			v, err := -1, error(nil)
			if len(sides) == len(dst) {
				v, err = strconv.Atoi(sides[i])
			}
			if err != nil || v < 0 || v > maxSize {
				return w, r.errorf(colPad, "same, valid or top,bottom,left,right with each from 0 to %d", maxSize)
			}
			*p = v
		}
		return w, nil
	}
}
