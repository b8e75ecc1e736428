package safetensors

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"testing"
	"testing/iotest"
)

func TestTypes(t *testing.T) {
	inf := float32(math.Inf(1))
	want := map[string][]float32{
		"f16":  {0, float32(math.Copysign(0, -1)), 0x1p-24, 0x3ffp-24, 0x1p-14, 1, -5, 65504, inf, -inf, math.Float32frombits(0x7fc02000)},
		"bf16": {1, -3, inf, math.Float32frombits(0x00010000)},
		"f64":  {1.5, -inf, 0.1, 1, 1 + 0x1p-23},
	}
	dtypes := map[string]DType{"f16": F16, "bf16": BF16, "f64": F64, "i64": "I64", "u8": "U8", "bool": "BOOL", "c64": "C64", "f8": "F8_E4M3", "f4": "F4"}
	for _, form := range []struct {
		name string
		wrap func(io.Reader) io.Reader
	}{
		{"file", func(r io.Reader) io.Reader { return r }},
		{"stream", func(r io.Reader) io.Reader { return stream{r} }},
		{"byte by byte", iotest.OneByteReader},
	} {
		b := golden(t, "types.safetensors")
		r, err := NewReader(form.wrap(bytes.NewReader(b)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.Tensors()); n != len(dtypes) {
			t.Errorf("%s: %d tensors, want %d", form.name, n, len(dtypes))
		}
		_, err = r.Float32s()
		wantError(t, form.name, err, "Float32s before Next")
		for i := range len(dtypes) {
			info, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if info.DType != dtypes[info.Name] || info.Name != r.Tensors()[i].Name {
				t.Errorf("%s: tensor %d is %v, want dtype %s", form.name, i, info, dtypes[info.Name])
			}
			got, err := r.Float32s()
			v, ok := want[info.Name]
			if !ok {
				wantError(t, form.name, err, fmt.Sprintf("%q: dtype %s cannot be read as float32", info.Name, info.DType))
				continue
			}
			if err != nil || !same(&File{Tensors: []Tensor{{Data: got}}}, &File{Tensors: []Tensor{{Data: v}}}) {
				t.Errorf("%s: %s = %v, %v, want %v", form.name, info.Name, got, err, v)
			}
			_, err = r.Float32s()
			wantError(t, form.name, err, fmt.Sprintf("%q: read already", info.Name))
		}
		for range 2 {
			if _, err := r.Next(); err != io.EOF {
				t.Errorf("%s: after the last tensor: %v, want EOF", form.name, err)
			}
		}
		_, err = Read(form.wrap(bytes.NewReader(b)), Options{})
		wantError(t, form.name, err, `"i64": dtype I64 cannot be read as float32, want F32, F16, BF16 or F64`)
	}
}

// Every finite binary16 is what its definition says.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		exponent, mantissa := h>>10&0x1f, float64(h&0x3ff)
		want := math.Ldexp(1+mantissa/1024, exponent-15)
		switch exponent {
		case 0:
			want = math.Ldexp(mantissa, -24)
		case 31:
			if want = math.Inf(1); mantissa != 0 {
				want = math.NaN()
			}
		}
		if h>>15 != 0 {
			want = -want
		}
		got := float64(half(uint16(h)))
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && (got != want || math.Signbit(got) != (h>>15 != 0)) {
			t.Errorf("half(%#04x) = %g, want %g", h, got, want)
		}
	}
}
