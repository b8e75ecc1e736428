package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Tensor is a named array in row-major order: Data has the product of Shape
// values, one where Shape is empty.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// A File is the content of a file.
type File struct {
	Tensors  []Tensor
	Metadata map[string]string // nil: none
}

// Read reads a whole file. Tensors are in the order of their data, and values
// have the bits of the file where its type is F32; F16, BF16 and F64 are
// converted. Another type is an error that names it, before any data is read.
func Read(r io.Reader, o Options) (*File, error) {
	x, err := NewReader(r, o)
	if err != nil {
		return nil, err
	}
	for _, t := range x.Tensors() {
		if !t.DType.Float() {
			return nil, dtypeError(t)
		}
	}
	f := &File{Metadata: x.Metadata()}
	for {
		t, err := x.Next()
		if err == io.EOF {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := x.Float32s()
		if err != nil {
			return nil, err
		}
		f.Tensors = append(f.Tensors, Tensor{Name: t.Name, Shape: t.Shape, Data: data})
	}
}

// Write writes a file of F32 tensors, sorted by name as the reference
// implementation does: equal content gives equal bytes. Nothing is written if
// a name is there twice, a name or string is not UTF-8, or a shape does not
// have as many values as there are.
func Write(w io.Writer, f *File) error {
	tensors := slices.Clone(f.Tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	h, err := header(tensors, f.Metadata, maxHeader)
	if err != nil {
		return err
	}
	h = append(binary.LittleEndian.AppendUint64(nil, uint64(len(h))), h...)
	if _, err := w.Write(h); err != nil {
		return fmt.Errorf("safetensors: header: %w", err)
	}
	buf := make([]byte, 0, block)
	for _, t := range tensors {
		for values := range slices.Chunk(t.Data, block/4) {
			buf = buf[:0]
			for _, v := range values {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			if _, err := w.Write(buf); err != nil {
				return tensorError(t.Name, "%w", err)
			}
		}
	}
	return nil
}

// header returns the JSON of tensors that follow one another, with spaces
// after it so that the data begins at a multiple of 8. It has at most limit
// bytes.
func header(tensors []Tensor, metadata map[string]string, limit int) ([]byte, error) {
	b := []byte{'{'}
	if metadata != nil {
		b = append(b, `"`+metadataKey+`":{`...)
		for i, k := range slices.Sorted(maps.Keys(metadata)) {
			if !utf8.ValidString(k) || !utf8.ValidString(metadata[k]) {
				return nil, fmt.Errorf("safetensors: metadata %.100q: %.100q is not UTF-8", k, metadata[k])
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = quote(append(quote(b, k), ':'), metadata[k])
		}
		b = append(b, '}')
	}
	end := int64(0)
	for i, t := range tensors {
		if err := writable(t); err != nil {
			return nil, err
		}
		if i > 0 && t.Name == tensors[i-1].Name {
			return nil, tensorError(t.Name, "two tensors have this name")
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		begin := end
		end += 4 * int64(len(t.Data))
		shape := strings.ReplaceAll(fmt.Sprint(t.Shape), " ", ",")
		b = fmt.Appendf(quote(b, t.Name), `:{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]}`, shape, begin, end)
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	if len(b) > limit {
		return nil, fmt.Errorf("safetensors: header of %d bytes, want at most %d", len(b), limit)
	}
	return b, nil
}

func writable(t Tensor) error {
	if t.Name == metadataKey {
		return tensorError(t.Name, "no name for a tensor")
	}
	if !utf8.ValidString(t.Name) {
		return tensorError(t.Name, "not UTF-8")
	}
	if len(t.Shape) > maxDims {
		return tensorError(t.Name, "%d dimensions, want at most %d", len(t.Shape), maxDims)
	}
	for _, d := range t.Shape {
		if d < 0 {
			return tensorError(t.Name, "shape %v, want sizes of at least 0", t.Shape)
		}
	}
	if bits, ok := size(t.Shape, 32); !ok || bits/32 != int64(len(t.Data)) {
		return tensorError(t.Name, "%d values for shape %v", len(t.Data), t.Shape)
	}
	return nil
}

// quote appends s, which is UTF-8, as JSON. It escapes no more than it must,
// as the reference does.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for _, c := range []byte(s) {
		switch {
		case c >= ' ' && c != '"' && c != '\\':
			b = append(b, c)
		case c >= ' ':
			b = append(b, '\\', c)
		case c >= '\b' && c <= '\r' && c != '\v':
			b = append(b, '\\', "btn_fr"[c-'\b'])
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(b, '"')
}
