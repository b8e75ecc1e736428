package onnxruntime

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels/geometry"
)

// A field is one that was read back: an integer or bytes.
type field struct {
	number, integer int
	bytes           []byte
}

// read takes a message apart.
func read(t *testing.T, m []byte) []field {
	t.Helper()
	var fields []field
	next := func() int {
		v, n := binary.Uvarint(m)
		if n <= 0 {
			t.Fatalf("%x: no varint", m)
		}
		m = m[n:]
		return int(v)
	}
	for len(m) > 0 {
		key := next()
		f := field{number: key >> 3}
		switch key & 7 {
		case wireVarint:
			f.integer = next()
		case wireBytes:
			n := next()
			f.bytes, m = m[:n], m[n:]
		default:
			t.Fatalf("wire type %d", key&7)
		}
		fields = append(fields, f)
	}
	return fields
}

// get returns the nested field with these numbers, the last of its kind.
func get(t *testing.T, m []byte, numbers ...int) field {
	t.Helper()
	var found field
	for _, n := range numbers {
		i := slices.IndexFunc(read(t, m), func(f field) bool { return f.number == n })
		if i < 0 {
			t.Fatalf("no field %d in %x", n, m)
		}
		found = read(t, m)[i]
		m = found.bytes
	}
	return found
}

func TestConvModel(t *testing.T) {
	s, err := conv.Shape{N: 1, C: 1, K: 2, Window: geometry.Window{H: 300, W: 5, R: 1, S: 2, StrideH: 2, Padding: geometry.Padding{Bottom: 3, Left: 1}}}.Check()
	if err != nil {
		t.Fatal(err)
	}
	m := convModel(s, []float32{1, 2, 3, -0.5})
	if got := get(t, m, 1).integer; got != irVersion {
		t.Errorf("ir version %d", got)
	}
	if got := get(t, m, 8, 2).integer; got != opset {
		t.Errorf("opset %d", got)
	}
	if got := string(get(t, m, 7, 1, 4).bytes); got != "Conv" {
		t.Errorf("operator %q", got)
	}
	var attributes []string
	var values [][]int
	for _, f := range read(t, get(t, m, 7, 1).bytes) {
		if f.number != 5 {
			continue
		}
		attributes = append(attributes, string(get(t, f.bytes, 1).bytes))
		var v []int
		for _, i := range read(t, f.bytes) {
			if i.number == 8 {
				v = append(v, i.integer)
			}
		}
		values = append(values, v)
	}
	if !slices.Equal(attributes, []string{"strides", "dilations", "pads"}) ||
		!slices.EqualFunc(values, [][]int{{2, 1}, {1, 1}, {0, 1, 3, 0}}, slices.Equal) {
		t.Errorf("attributes %q %v", attributes, values)
	}
	weights := get(t, m, 7, 5).bytes
	if want := []byte("\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x00\xbf"); !bytes.Equal(get(t, weights, 9).bytes, want) {
		t.Errorf("weights %x, want %x", get(t, weights, 9).bytes, want)
	}
	var dims []int
	for _, f := range read(t, get(t, m, 7, 11, 2, 1, 2).bytes) {
		dims = append(dims, get(t, f.bytes, 1).integer)
	}
	if !slices.Equal(dims, []int{1, 1, 300, 5}) {
		t.Errorf("input is %d", dims)
	}
}

func TestGemmModel(t *testing.T) {
	m := gemmModel(2, 3, 4)
	if got := string(get(t, m, 7, 1, 4).bytes); got != "MatMul" {
		t.Errorf("operator %q", got)
	}
	if got := get(t, m, 7, 12, 2, 1, 2, 1, 1).integer; got != 2 {
		t.Errorf("result has %d rows, want 2", got)
	}
}
