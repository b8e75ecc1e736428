package onnxtest

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ONNX's numbers for element types.
const (
	Float = 1
	Int64 = 7
)

// A Tensor is an array in row-major order.
type Tensor struct {
	Name   string
	Dims   []int
	Type   int       // Float, Int64, or another of ONNX's numbers, whose data are not read
	Floats []float32 // of type Float
	Ints   []int     // of type Int64
}

// A Node is an operator: which tensors it reads and writes, and its attributes.
type Node struct {
	Op      string
	In, Out []string

	Ints   map[string][]int // a single integer is a list of one
	Floats map[string]float32
	Text   map[string]string
}

// Int returns an integer attribute, or what it is without one.
func (n *Node) Int(name string, without int) int {
	if v := n.Ints[name]; len(v) > 0 {
		return v[0]
	}
	return without
}

// List returns a list of integers, or count times without if there is none.
func (n *Node) List(name string, count, without int) []int {
	if v := n.Ints[name]; v != nil {
		return v
	}
	v := make([]int, count)
	for i := range v {
		v[i] = without
	}
	return v
}

// A graph is what a model computes.
type graph struct {
	nodes        []*Node
	initializers []*Tensor
	in, out      []string
}

func parseModel(msg []byte) (g *graph, err error) {
	err = eachField(msg, func(field, _ int, _ uint64, data []byte) error {
		if field != 7 {
			return nil
		}
		g, err = parseGraph(data)
		return err
	})
	if err == nil && g == nil {
		err = fmt.Errorf("a model without a graph")
	}
	return g, err
}

func parseGraph(msg []byte) (*graph, error) {
	g := &graph{}
	err := eachField(msg, func(field, _ int, _ uint64, data []byte) error {
		switch field {
		case 1:
			n, err := parseNode(data)
			g.nodes = append(g.nodes, n)
			return err
		case 5:
			t, err := parseTensor(data)
			g.initializers = append(g.initializers, t)
			return err
		case 11, 12:
			return eachField(data, func(inner, _ int, _ uint64, name []byte) error {
				if inner == 1 && field == 11 {
					g.in = append(g.in, string(name))
				} else if inner == 1 {
					g.out = append(g.out, string(name))
				}
				return nil
			})
		}
		return nil
	})
	return g, err
}

func parseNode(msg []byte) (*Node, error) {
	n := &Node{Ints: map[string][]int{}, Floats: map[string]float32{}, Text: map[string]string{}}
	err := eachField(msg, func(field, _ int, _ uint64, data []byte) error {
		switch field {
		case 1:
			n.In = append(n.In, string(data))
		case 2:
			n.Out = append(n.Out, string(data))
		case 4:
			n.Op = string(data)
		case 5:
			return n.parseAttribute(data)
		}
		return nil
	})
	return n, err
}

func (n *Node) parseAttribute(msg []byte) error {
	var name string
	var ints []int
	err := eachField(msg, func(field, wire int, v uint64, data []byte) (err error) {
		switch field {
		case 1:
			name = string(data)
		case 2:
			n.Floats[name] = math.Float32frombits(uint32(v))
		case 3, 8:
			ints, err = appendInts(ints, wire, v, data)
		case 4:
			n.Text[name] = string(data)
		}
		return err
	})
	if ints != nil {
		n.Ints[name] = ints
	}
	return err
}

func parseTensor(msg []byte) (*Tensor, error) {
	t := &Tensor{}
	var raw []byte
	err := eachField(msg, func(field, wire int, v uint64, data []byte) (err error) {
		switch field {
		case 1:
			t.Dims, err = appendInts(t.Dims, wire, v, data)
		case 2:
			t.Type = int(v)
		case 4:
			t.Floats, err = appendFloats(t.Floats, wire, v, data)
		case 7:
			t.Ints, err = appendInts(t.Ints, wire, v, data)
		case 8:
			t.Name = string(data)
		case 9:
			raw = data
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	switch {
	case t.Type == Float && raw != nil:
		t.Floats, err = littleEndianFloats(nil, raw)
	case t.Type == Int64:
		for ; len(raw) >= 8; raw = raw[8:] {
			t.Ints = append(t.Ints, int(binary.LittleEndian.Uint64(raw)))
		}
	}
	if err == nil {
		err = t.check()
	}
	return t, err
}

// check compares the number of elements with the sizes.
func (t *Tensor) check() error {
	n := 1
	for _, d := range t.Dims {
		if d < 0 || d > 1<<24 || n > 1<<24 {
			return fmt.Errorf("tensor %q has sizes %v, want at most 2^24 elements", t.Name, t.Dims)
		}
		n *= d
	}
	if t.Type == Float && len(t.Floats) != n || t.Type == Int64 && len(t.Ints) != n {
		return fmt.Errorf("tensor %q of sizes %v has %d floats and %d integers, want %d", t.Name, t.Dims, len(t.Floats), len(t.Ints), n)
	}
	return nil
}
