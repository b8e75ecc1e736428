package onnxtest

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// Window returns the window of a node of convolution or pooling over an input of
// dims N, C and one or two more, of which one makes a map with one row. size is
// that of the filter by these. It returns an error, for what a test cannot run.
func Window(n *Node, dims, size []int) (w geometry.Window, err error) {
	spatial := len(dims) - 2
	strides, dilations := n.List("strides", spatial, 1), n.List("dilations", spatial, 1)
	pads := n.List("pads", 2*spatial, 0)
	dims = dims[2:]
	switch spatial {
	case 1:
		dims, size = []int{1, dims[0]}, []int{1, size[0]}
		strides, dilations = []int{1, strides[0]}, []int{1, dilations[0]}
		pads = []int{0, pads[0], 0, pads[1]}
	case 2:
	default:
		return w, fmt.Errorf("the input has %d spatial dimensions, want 1 or 2", spatial)
	}
	w = geometry.Window{
		H: dims[0], W: dims[1], R: size[0], S: size[1],
		StrideH: strides[0], StrideW: strides[1], DilationH: dilations[0], DilationW: dilations[1],
	}
	switch auto := n.Text["auto_pad"]; auto {
	case "", "NOTSET":
		w.Padding = geometry.Padding{Top: pads[0], Left: pads[1], Bottom: pads[2], Right: pads[3]}
	case "SAME_UPPER":
		w = w.Same()
	case "SAME_LOWER":
		w = w.Same()
		w.Top, w.Bottom, w.Left, w.Right = w.Bottom, w.Top, w.Right, w.Left
	default:
		return w, fmt.Errorf("auto_pad is %q, want NOTSET, SAME_UPPER or SAME_LOWER", auto)
	}
	return w, nil
}
