package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A badFile is refused with an error that says want, of which parts are
// separated by "...". Where a stream cannot know what a file does, stream is
// what its error says.
type badFile struct {
	want   string
	file   []byte
	stream string
}

// tensor returns the header of one tensor.
func tensor(fields string) string { return `{"w":{` + fields + `}}` }

func bad() []badFile {
	length := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	two := func(a0, a1, b0, b1 int) string {
		return fmt.Sprintf(`{"b":{"dtype":"U8","shape":[%d],"data_offsets":[%d,%d]},"a":{"dtype":"U8","shape":[%d],"data_offsets":[%d,%d]}}`, b1-b0, b0, b1, a1-a0, a0, a1)
	}
	good := tensor(`"dtype":"F32","shape":[2],"data_offsets":[0,8]`)
	return []badFile{
		{want: "header length ends after 0 bytes, want 8"},
		{want: "header length ends after 7 bytes, want 8", file: length(2)[:7]},
		{want: "header of 0 bytes, want 2 to 100000000 (MaxHeader)", file: length(0)},
		{want: "header of 1 bytes, want 2", file: append(length(1), '{')},
		{want: "header of 100000001 bytes", file: length(maxHeader + 1)},
		{want: "header of 18446744073709551615 bytes", file: length(1<<64 - 1)},
		{want: "header of 10 bytes, but the file ends after 2 of them", file: append(length(10), "{}"...), stream: "header ends after 2 bytes, want 10"},

		{want: `header begins with ' ', want '{'`, file: file(" {}", 0)},
		{want: `header begins with '[', want '{'`, file: file("[]", 0)},
		{want: "header is not UTF-8", file: file("{\"\xff\":1}", 0)},
		{want: "JSON near byte...unexpected EOF", file: file(`{"w"`, 0)},
		{want: "JSON near byte...unexpected EOF", file: file(`{"w":`, 0)},
		{want: "JSON near byte...unexpected EOF", file: file(good[:len(good)-1], 8)},
		{want: "JSON near byte...unexpected EOF", file: file(good[:20], 8)},
		{want: "JSON near byte...invalid character", file: file(`{w:1}`, 0)},
		{want: "JSON near byte...invalid character", file: file(`{1:1}`, 0)},
		{want: "JSON near byte...invalid character", file: file(`{]`, 0)},
		{want: "JSON near byte...invalid character", file: file(good[:len(good)-1]+",}", 8)},
		{want: "JSON near byte...invalid character", file: file(good+"\x00", 8)},
		{want: "header goes on with an object at byte", file: file("{}{}", 0)},
		{want: "header goes on with 7 at byte", file: file("{} 7", 0)},

		{want: `"w": twice in the header`, file: file(`{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0077":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0)},
		{want: `"__metadata__": twice in the header`, file: file(`{"__metadata__":{},"__metadata__":{}}`, 0)},
		{want: `"__metadata__": key "k" is there twice`, file: file(`{"__metadata__":{"k":"1","k":"1"}}`, 0)},
		{want: `"__metadata__": "k" is 1, want a string`, file: file(`{"__metadata__":{"k":1}}`, 0)},
		{want: `"__metadata__": "k" is an object, want a string`, file: file(`{"__metadata__":{"k":{}}}`, 0)},
		{want: `__metadata__ is null, want an object`, file: file(`{"__metadata__":null}`, 0)},

		{want: `"w" is an array, want an object`, file: file(`{"w":[]}`, 0)},
		{want: `"w" is true, want an object`, file: file(`{"w":true}`, 0)},
		{want: `"w": no dtype`, file: file(`{"w":{}}`, 0)},
		{want: `"w": no dtype`, file: file(tensor(`"shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": no shape`, file: file(tensor(`"dtype":"F32","data_offsets":[0,8]`), 8)},
		{want: `"w": no data_offsets`, file: file(tensor(`"dtype":"F32","shape":[2]`), 8)},
		{want: `"w": "shape" is there twice`, file: file(tensor(`"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": unknown field "name"`, file: file(tensor(`"dtype":"F32","name":"v","shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": dtype "F31", want one of the format's`, file: file(tensor(`"dtype":"F31","shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": dtype "", want`, file: file(tensor(`"dtype":"","shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": dtype 32, want`, file: file(tensor(`"dtype":32,"shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": dtype an object, want`, file: file(tensor(`"dtype":{"a":{"b":[]}},"shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape is 2, want an array`, file: file(tensor(`"dtype":"F32","shape":2,"data_offsets":[0,8]`), 8)},
		{want: `"w": shape: number 1 is an array`, file: file(tensor(`"dtype":"F32","shape":[2,`+strings.Repeat("[", 50000)), 8)},
		{want: `"w": shape: number 0 is -2, want a whole one from 0`, file: file(tensor(`"dtype":"F32","shape":[-2],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape: number 1 is -0`, file: file(tensor(`"dtype":"F32","shape":[2,-0],"data_offsets":[0,0]`), 0)},
		{want: `"w": shape: number 0 is 2.0`, file: file(tensor(`"dtype":"F32","shape":[2.0],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape: number 0 is 2e0`, file: file(tensor(`"dtype":"F32","shape":[2e0],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape: number 0 is "2"`, file: file(tensor(`"dtype":"F32","shape":["2"],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape: number 0 is null`, file: file(tensor(`"dtype":"F32","shape":[null],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape: number 0 is 9223372036854775808`, file: file(tensor(`"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape has more than 64 numbers`, file: file(tensor(`"dtype":"F32","shape":[`+strings.Repeat("1,", 64)+`1],"data_offsets":[0,4]`), 4)},
		{want: `"w": data_offsets [0], want [begin, end]`, file: file(tensor(`"dtype":"F32","shape":[2],"data_offsets":[0]`), 8)},
		{want: `"w": data_offsets has more than 2 numbers`, file: file(tensor(`"dtype":"F32","shape":[2],"data_offsets":[0,8,8]`), 8)},
		{want: `"w": data_offsets: number 0 is -8`, file: file(tensor(`"dtype":"F32","shape":[2],"data_offsets":[-8,0]`), 8)},

		{want: `"w": shape [4294967296 4294967296] is too large`, file: file(tensor(`"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]`), 0)},
		{want: `"w": shape [9223372036854775807] is too large`, file: file(tensor(`"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape [3] of F32 is 12 bytes, but data_offsets [0, 8] are 8`, file: file(tensor(`"dtype":"F32","shape":[3],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape [2] of F16 is 4 bytes, but data_offsets [0, 8] are 8`, file: file(tensor(`"dtype":"F16","shape":[2],"data_offsets":[0,8]`), 8)},
		{want: `"w": shape [] of F32 is 4 bytes`, file: file(tensor(`"dtype":"F32","shape":[],"data_offsets":[0,0]`), 0)},
		{want: `"w": shape [3] of F4 is 12 bits, want whole bytes`, file: file(tensor(`"dtype":"F4","shape":[3],"data_offsets":[0,1]`), 1)},
		{want: `"w": data_offsets [4, 0], want them to begin at 0`, file: file(tensor(`"dtype":"F32","shape":[1],"data_offsets":[4,0]`), 4)},
		{want: `"b": data_offsets [5, 4] end before they begin`, file: file(`{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"b":{"dtype":"U8","shape":[1],"data_offsets":[5,4]}}`, 5)},
		{want: `"w": data_offsets [8, 16], want them to begin at 0, where the data begins`, file: file(tensor(`"dtype":"F32","shape":[2],"data_offsets":[8,16]`), 16)},
		{want: `"b": data_offsets [5, 8], want them to begin at 4, where "a" ends`, file: file(two(0, 4, 5, 8), 8)},
		{want: `"b": data_offsets [3, 8], want them to begin at 4, where "a" ends`, file: file(two(0, 4, 3, 8), 8)},
		{want: `data_offsets [0, 8], want them to begin at 8, where`, file: file(two(0, 8, 0, 8), 8)},
		{want: `"w": data_offsets [0, 8589934592], want at most...(MaxBytes)`, file: file(tensor(`"dtype":"U8","shape":[2,1073741824,4],"data_offsets":[0,8589934592]`), 8)},

		{want: `"w": data_offsets [0, 8], but the file has 7 bytes of data: unexpected EOF`, file: file(good, 7), stream: `"w": data ends after 7 bytes, want 8: unexpected EOF`},
		{want: `"w": the last tensor ends at 8, but there are at least 9 bytes of data`, file: file(good, 9)},
		{want: `at least 1 bytes of data, but the header has no tensors`, file: file("{}", 1)},
	}
}

func TestBadFiles(t *testing.T) {
	for _, c := range bad() {
		f, err := Read(bytes.NewReader(c.file), Options{})
		wantError(t, "file", err, c.want)
		if c.stream == "" {
			c.stream = c.want
		}
		g, err := Read(stream{bytes.NewReader(c.file)}, Options{})
		wantError(t, "stream", err, c.stream)
		if f != nil || g != nil {
			t.Errorf("%s: a file beside the error", c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	b := file(tensor(`"dtype":"F32","shape":[2],"data_offsets":[0,8]`), 8)
	header := int64(len(b) - 16)
	for _, c := range []struct {
		want string
		o    Options
	}{
		{"MaxHeader = -1, want 1 to 100000000", Options{MaxHeader: -1}},
		{"MaxHeader = 100000001, want 1 to 100000000", Options{MaxHeader: maxHeader + 1}},
		{"MaxBytes = -1, want at least 1", Options{MaxBytes: -1}},
		{fmt.Sprintf("header of %d bytes, want 2 to %d (MaxHeader)", header, header-1), Options{MaxHeader: header - 1}},
		{`"w": data_offsets [0, 8], want at most 7 bytes of data (MaxBytes)`, Options{MaxBytes: 7}},
	} {
		_, err := Read(bytes.NewReader(b), c.o)
		wantError(t, c.want, err, c.want)
	}
	if _, err := Read(bytes.NewReader(b), Options{MaxHeader: header, MaxBytes: 8}); err != nil {
		t.Errorf("exact bounds: %v", err)
	}
}

// An error does not grow with the names of a file.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("n", 1<<20)
	for _, header := range []string{
		`{"` + long + `":1}`, `{"w":"` + long + `"}`, `{"__metadata__":{"` + long + `":0}}`,
		tensor(`"` + long + `":0`), tensor(`"dtype":"` + long + `"`), tensor(`"shape":[` + strings.Repeat("9", 1<<20) + `]`),
	} {
		if _, err := Read(bytes.NewReader(file(header, 0)), Options{}); err == nil || len(err.Error()) > 500 {
			t.Errorf("error %.200v, want a short one", err)
		}
	}
}

// FuzzRead reads anything as a file and as a stream, which agree; what is
// accepted covers its data and comes back from Write to the bit.
func FuzzRead(f *testing.F) {
	f.Add(golden(f, "floats.safetensors"))
	f.Add(golden(f, "types.safetensors"))
	f.Add(file("{}      ", 0))
	f.Add(file(`{"__metadata__":{"k":"v"},"w":{"shape":[1,2],"dtype":"F32","data_offsets":[0,8]}}`, 8))
	f.Add(file(`{"b":{"dtype":"BF16","shape":[],"data_offsets":[2,4]},"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}`, 4))
	for _, c := range bad() {
		if len(c.file) < 1<<10 {
			f.Add(c.file)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o := Options{MaxHeader: 1 << 12, MaxBytes: 1 << 16}
		r, err := NewReader(bytes.NewReader(b), o)
		got, fileErr := Read(bytes.NewReader(b), o)
		again, streamErr := Read(stream{bytes.NewReader(b)}, o)
		if (fileErr == nil) != (streamErr == nil) || err != nil && fileErr == nil {
			t.Fatalf("file: %v, stream: %v, header: %v", fileErr, streamErr, err)
		}
		if err == nil {
			end := int64(0)
			for _, x := range r.Tensors() {
				if x.Begin != end || x.End < end || int64(x.Len()*x.DType.Bits()) != 8*(x.End-x.Begin) {
					t.Fatalf("%v after %d", x, end)
				}
				end = x.End
			}
			if end > int64(len(b)) || end > o.MaxBytes {
				t.Fatalf("%d bytes of data in a file of %d", end, len(b))
			}
		}
		if fileErr != nil {
			if got != nil || again != nil || !strings.HasPrefix(fileErr.Error(), "safetensors: ") || len(fileErr.Error()) > 3000 {
				t.Fatalf("%v, %v beside the error %v", got, again, fileErr)
			}
			return
		}
		if !same(got, again) {
			t.Fatalf("as a file %v, as a stream %v", got, again)
		}
		slices.SortFunc(got.Tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
		var out bytes.Buffer
		if err := Write(&out, got); err != nil {
			t.Fatal(err)
		}
		if again, err = Read(&out, Options{}); err != nil || !same(got, again) {
			t.Fatalf("written again: %v, %v, want %v", again, err, got)
		}
	})
}
