package safetensors

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWriteErrors(t *testing.T) {
	one := []float32{1}
	for _, c := range []struct {
		want string
		file File
	}{
		{`"a": two tensors have this name`, File{Tensors: []Tensor{{"a", []int{1}, one}, {"b", []int{1}, one}, {"a", []int{1}, one}}}},
		{`"__metadata__": no name for a tensor`, File{Tensors: []Tensor{{"__metadata__", []int{1}, one}}}},
		{`"a\xff": not UTF-8`, File{Tensors: []Tensor{{"a\xff", []int{1}, one}}}},
		{`"a": 1 values for shape [2 3]`, File{Tensors: []Tensor{{"a", []int{2, 3}, one}}}},
		{`"a": 0 values for shape []`, File{Tensors: []Tensor{{"a", nil, nil}}}},
		{`"a": shape [-1 -1], want sizes of at least 0`, File{Tensors: []Tensor{{"a", []int{-1, -1}, one}}}},
		{`"a": 0 values for shape`, File{Tensors: []Tensor{{"a", []int{1 << 30, 1 << 30, 1 << 30, 1 << 30}, nil}}}},
		{`"a": 65 dimensions, want at most 64`, File{Tensors: []Tensor{{"a", make([]int, 65), nil}}}},
		{`metadata "k": "\xff" is not UTF-8`, File{Metadata: map[string]string{"k": "\xff"}}},
	} {
		var out bytes.Buffer
		wantError(t, c.want, Write(&out, &c.file), c.want)
		if out.Len() != 0 {
			t.Errorf("%s: %d bytes written beside the error", c.want, out.Len())
		}
	}
	metadata := map[string]string{"k": strings.Repeat("x", 100)}
	if _, err := header(nil, metadata, 128); err != nil {
		t.Errorf("128 bytes: %v", err)
	}
	_, err := header(nil, metadata, 127)
	wantError(t, "127 bytes", err, "header of 128 bytes, want at most 127")
}

var errFull = errors.New("disk full")

// A full takes so many bytes and no more.
type full int

func (f *full) Write(b []byte) (int, error) {
	n := min(len(b), int(*f))
	*f -= full(n)
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func TestFailingWriter(t *testing.T) {
	f, err := Read(bytes.NewReader(golden(t, "floats.safetensors")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	size := len(golden(t, "floats.safetensors"))
	for n := range size {
		w := full(n)
		if err := Write(&w, f); !errors.Is(err, errFull) {
			t.Fatalf("a disk full after %d bytes: %v", n, err)
		}
	}
	w := full(size)
	if err := Write(&w, f); err != nil {
		t.Error(err)
	}
}
