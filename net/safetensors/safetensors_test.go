package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// stream hides that a reader can seek.
type stream struct{ io.Reader }

// file returns a file with that header and n bytes of data that count up.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range n {
		b = append(b, byte(i))
	}
	return b
}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want one with %q", what, want)
		return
	}
	for _, part := range strings.Split("safetensors: ..."+want, "...") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: error %q, want it to say %q", what, err, part)
		}
	}
}

// same reports whether two files have the same names, shapes, bits and
// metadata, in the same order.
func same(a, b *File) bool {
	return maps.Equal(a.Metadata, b.Metadata) && slices.EqualFunc(a.Tensors, b.Tensors, func(a, b Tensor) bool {
		return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.Data, b.Data, func(x, y float32) bool {
			return math.Float32bits(x) == math.Float32bits(y)
		})
	})
}

func golden(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What the reference implementation wrote is read to the bit, and written
// again to the byte.
func TestReference(t *testing.T) {
	b := golden(t, "floats.safetensors")
	f, err := Read(bytes.NewReader(b), Options{})
	if err != nil {
		t.Fatal(err)
	}
	bits := func(v ...uint32) []float32 {
		out := make([]float32, len(v))
		for i, v := range v {
			out[i] = math.Float32frombits(v)
		}
		return out
	}
	ramp := make([]float32, 24)
	for i := range ramp {
		ramp[i] = float32(i) / 7
	}
	want := &File{
		Tensors: []Tensor{
			{"conv2d/bias", []int{4}, []float32{float32(math.Copysign(0, -1)), -ramp[1], -ramp[2], -ramp[3]}},
			{"conv2d/kernel", []int{2, 3, 4}, ramp},
			{"none", []int{3, 0, 2}, nil},
			{"quote \" slash \\ line \n <&> é \u2028", []int{2, 2}, []float32{ramp[12], ramp[13], ramp[16], ramp[17]}},
			{"scalar", []int{}, []float32{2.5}},
			{"special", []int{9}, bits(0, 1<<31, 0x7f800000, 0xff800000, 0x7fc00001, 0xffc12345, 0x7f800001, 1, 0x7f7fffff)},
		},
		Metadata: map[string]string{"written by": "safetensors 0.8.0, numpy 2.4.6"},
	}
	if !same(f, want) {
		t.Errorf("read %v, want %v", f, want)
	}
	slices.Reverse(f.Tensors)
	var out bytes.Buffer
	if err := Write(&out, f); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), b) {
		t.Errorf("written again:\n%q, want\n%q", out.Bytes(), b)
	}
}

func TestRoundTrip(t *testing.T) {
	long := make([]float32, 3*chunk/4+5)
	for i := range long {
		long[i] = math.Float32frombits(uint32(i) * 2654435761)
	}
	for _, f := range []*File{
		{},
		{Metadata: map[string]string{}},
		{Metadata: map[string]string{"a": "1", "": "\x00\x1f\b\f\n\r\t\"\\/é"}},
		{Tensors: []Tensor{{Name: "", Shape: []int{0}}, {Name: "\x7f", Shape: []int{}, Data: []float32{1}}, {Name: "long", Shape: []int{len(long), 1}, Data: long}}},
	} {
		slices.SortFunc(f.Tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
		var out bytes.Buffer
		if err := Write(&out, f); err != nil {
			t.Errorf("%v: %v", f, err)
			continue
		}
		if n := binary.LittleEndian.Uint64(out.Bytes()); n%8 != 0 {
			t.Errorf("a header of %d bytes, want a multiple of 8", n)
		}
		for name, r := range map[string]io.Reader{
			"file":      bytes.NewReader(out.Bytes()),
			"stream":    stream{bytes.NewReader(out.Bytes())},
			"in halves": iotest.HalfReader(bytes.NewReader(out.Bytes())),
		} {
			got, err := Read(r, Options{})
			if err != nil || !same(got, f) || (got.Metadata == nil) != (f.Metadata == nil) {
				t.Errorf("%s: %d tensors, %v, %v, want %d tensors, %v", name, len(got.Tensors), got.Metadata, err, len(f.Tensors), f.Metadata)
			}
		}
	}
}

// A Reader begins where its stream stands.
func TestOffset(t *testing.T) {
	b := append([]byte("before"), golden(t, "floats.safetensors")...)
	r := bytes.NewReader(b)
	if _, err := r.Seek(6, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(r, Options{}); err != nil {
		t.Error(err)
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Claims of size make nobody allocate them.
func TestLyingHeader(t *testing.T) {
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"header", "header ends after 92 bytes, want 100000000", append(binary.LittleEndian.AppendUint64(nil, maxHeader), make([]byte, 92)...)},
		{"data", `"a": data ends after 100 bytes, want 4294967296`, file(`{"a":{"dtype":"F32","shape":[1073741824],"data_offsets":[0,4294967296]}}`, 100)},
		{"half", `"a": data ends after 100 bytes, want 2147483648`, file(`{"a":{"dtype":"F16","shape":[1073741824],"data_offsets":[0,2147483648]}}`, 100)},
	} {
		if math.MaxInt == math.MaxInt32 && c.name != "header" {
			continue
		}
		used := allocated(func() {
			_, err := Read(stream{bytes.NewReader(c.file)}, Options{})
			wantError(t, c.name, err, c.want)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: %v, want an unexpected EOF", c.name, err)
			}
		})
		if used > 2*chunk {
			t.Errorf("%s: %d bytes allocated for 100, want at most %d", c.name, used, 2*chunk)
		}
		used = allocated(func() {
			if _, err := Read(bytes.NewReader(c.file), Options{}); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, as a file: %v, want an unexpected EOF", c.name, err)
			}
		})
		if used > chunk/4 {
			t.Errorf("%s, as a file: %d bytes allocated, want at most %d", c.name, used, chunk/4)
		}
	}
}

// A stream that breaks is an error that stays.
func TestBrokenStream(t *testing.T) {
	broken := errors.New("broken")
	b := golden(t, "floats.safetensors")
	for n := range len(b) + 1 {
		cut := io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(broken))
		if f, err := Read(cut, Options{}); !errors.Is(err, broken) || f != nil {
			t.Fatalf("broken after %d of %d bytes: %v, %v", n, len(b), f, err)
		}
		if n == len(b) {
			break
		}
		for _, r := range []io.Reader{bytes.NewReader(b[:n]), stream{bytes.NewReader(b[:n])}} {
			if f, err := Read(r, Options{}); !errors.Is(err, io.ErrUnexpectedEOF) || f != nil {
				t.Fatalf("cut after %d of %d bytes: %v, %v", n, len(b), f, err)
			}
		}
	}
	r, err := NewReader(stream{bytes.NewReader(b[:len(b)-1])}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range r.Tensors() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	_, first := r.Next()
	wantError(t, "skipping", first, `"special": data ends after 35 bytes, want 36`)
	if _, err := r.Next(); err != first {
		t.Errorf("the error became %v", err)
	}
	if _, err := r.Float32s(); err != first {
		t.Errorf("the error became %v", err)
	}
}
