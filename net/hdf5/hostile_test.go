package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// A file that ends anywhere is refused.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"small_old", "small_new"} {
		file := unzip(t, name+".h5")
		for n := range len(file) {
			f, err := open(file[:n])
			if f != nil {
				t.Fatalf("%s: %d of %d bytes make a file", name, n, len(file))
			}
			wantError(t, name, err, "")
		}
	}
}

// Any byte may be wrong: what is read ends, with an error or with all values.
func TestFlipped(t *testing.T) {
	for _, name := range []string{"small_old", "small_new"} {
		file := unzip(t, name+".h5")
		failed := 0
		for i := 0; i < len(file); i += 7 {
			for _, v := range []byte{file[i] ^ 1, 0xff} {
				b := bytes.Clone(file)
				b[i] = v
				err := readAll(sourceOf(b, true))
				if err != nil {
					failed++
					if len(err.Error()) > 2000 {
						t.Fatalf("%s: byte %d = %d: a long error: %.500v", name, i, v, err)
					}
				}
			}
		}
		if failed < 200 {
			t.Errorf("%s: %d changes are errors, want 200", name, failed)
		}
	}
}

// With checksums no change of the newer structures goes unnoticed.
func TestChecksums(t *testing.T) {
	file := unzip(t, "small_new.h5")
	for _, signature := range []string{"OHDR", "OCHK", "BTHD", "BTLF", "BTIN", "FRHP", "FHDB", "FHIB"} {
		at := bytes.Index(file, []byte(signature))
		for i := at + 4; i < at+12; i++ {
			b := bytes.Clone(file)
			b[i]++
			if err := readAll(sourceOf(b, false)); err == nil || strings.Contains(err.Error(), "layout version 4") {
				t.Errorf("%s: byte %d is not noticed: %v", signature, i-at, err)
			}
		}
	}
	for text, want := range map[string]uint32{"": 0xdeadbeef, "Four score and seven years ago": 0x17770551} {
		if got := lookup3([]byte(text)); got != want {
			t.Errorf("lookup3(%q) = %#x, want %#x", text, got, want)
		}
	}
}

// A builder writes structures of the oldest form one behind the other.
type builder struct{ b []byte }

func (f *builder) add(values ...any) {
	for _, v := range values {
		if s, ok := v.(string); ok {
			f.b = append(f.b, s...)
			continue
		}
		f.b, _ = binary.Append(f.b, binary.LittleEndian, v)
	}
}

// dataset begins a file whose root is to be the dataset of these messages.
func dataset(messages ...[]byte) *builder {
	f := &builder{}
	f.add(signature, [5]byte{}, uint8(8), uint8(8), [9]byte{}, uint64(0), uint64(0), uint64(0), uint64(0), uint64(0), uint64(96), [24]byte{})
	size := 0
	for _, m := range messages {
		size += len(m)
	}
	f.add(uint8(1), uint8(0), uint16(len(messages)), uint32(1), uint32(size), uint32(0))
	for _, m := range messages {
		f.b = append(f.b, m...)
	}
	return f
}

func msg(kind uint16, values ...any) []byte {
	var body, f builder
	body.add(values...)
	f.add(kind, uint16(len(body.b)), uint32(0))
	return append(f.b, body.b...)
}

func shape(dims ...uint64) []byte {
	return msg(msgDataspace, uint8(1), uint8(len(dims)), [6]byte{}, dims)
}

var float32Type = []any{uint8(0x11), [3]byte{0x20, 31}, uint32(4), uint16(0), uint16(32), [4]byte{23, 8, 0, 23}, uint32(127)}

// object reads the root's header only, which the tree would refuse as it is
// not a group.
func object(f *builder) (*Object, error) {
	s := sourceOf(f.b, true)
	messages, err := s.header(96)
	if err != nil {
		return nil, err
	}
	o := &Object{Path: "x"}
	return o, o.read(s, messages)
}

// Sizes that the file does not back are errors, and cost no memory.
func TestLyingSizes(t *testing.T) {
	type c struct {
		want string
		file *builder
	}
	float := msg(msgDatatype, float32Type...)
	contiguous := func(at, size uint64) []byte { return msg(msgLayout, uint8(3), uint8(1), at, size) }
	chunks := func(at uint64, dims ...uint32) []byte {
		return msg(msgLayout, uint8(3), uint8(2), uint8(len(dims)), at, dims)
	}
	deflated := msg(msgFilters, uint8(2), uint8(1), uint16(1), uint16(0), uint16(0))
	tree := func(f *builder, stored uint32, offsets []uint64, count int) *builder {
		f.add("TREE", uint8(1), uint8(0), uint16(count), uint64(undefined), uint64(undefined))
		for i := range count {
			f.add(stored, uint32(0), offsets[i*len(offsets)/count:(i+1)*len(offsets)/count], uint64(0))
		}
		f.add(stored, uint32(0), offsets[:len(offsets)/count])
		return f
	}
	// Where a tree is: behind the superblock, the header's beginning and its messages.
	const treeAt = 96 + 16
	one := treeAt + uint64(len(shape(1<<40))+len(float)+len(chunks(0, 1, 4)))
	for _, c := range []c{
		{"dimensions [4294967296], then 4294967296, are too many values", dataset(shape(1<<32, 1<<32), float)},
		{"dimensions [], then 18446744073709551615, are too many", dataset(shape(math.MaxUint64), float)},
		{"33 dimensions, want at most 32", dataset(shape(make([]uint64, 33)...), float)},
		{"values of 2147483648 bytes, want 1 to 2147483647", dataset(shape(1), msg(msgDatatype, uint8(0x13), [3]byte{}, uint32(1<<31)))},
		{"values of 0 bytes, want 1", dataset(shape(1), msg(msgDatatype, uint8(0x13), [3]byte{}, uint32(0)))},
		{"4611686018427387904 values of 4 bytes are too many", dataset(shape(1<<62), float, contiguous(0, 0))},
		{"1099511627776 bytes for shape [549755813888] of float32, want 2199023255552", dataset(shape(1<<39), float, contiguous(0, 1<<40))},
		{"2199023255552 bytes from byte 96 on, but the file has", dataset(shape(1<<39), float, contiguous(96, 1<<41))},
		{"4 bytes from byte 18446744073709551614 on, but", dataset(shape(1), float, contiguous(math.MaxUint64-1, 4))},
		{"2 bytes for shape [1] of float32, want 4", dataset(shape(1), float, msg(msgLayout, uint8(3), uint8(0), uint16(2), uint16(0)))},
		{"layout of version 2, which", dataset(shape(1), float, msg(msgLayout, uint8(2)))},
		{"layout of class 3, which", dataset(shape(1), float, msg(msgLayout, uint8(4), uint8(3)))},
		{"version 5 of a layout, want 3 or 4", dataset(shape(1), float, msg(msgLayout, uint8(5), uint8(1)))},
		{"chunks of 0 dimensions", dataset(shape(1), float, chunks(0, 4))},
		{"no message of type 0x8", dataset(shape(1), float)},
		{"filters on data that are not in chunks", dataset(shape(1), float, contiguous(0, 4), deflated)},
		{"chunks [3] of values of 8 bytes for shape [9] of float32", dataset(shape(9), float, chunks(0, 3, 8))},
		{"chunks [3 3] of values of 4 bytes for shape [9]", dataset(shape(9), float, chunks(0, 3, 3, 4))},
		{"chunks of shape [0], want sizes of at least 1", dataset(shape(9), float, chunks(0, 0, 4))},
		{"chunks of shape [134217728] of float32, want at most 268435456 bytes", dataset(shape(9), float, chunks(0, 1<<27, 4))},
		{"tree of chunks has no address", dataset(shape(9), float, chunks(undefined, 3, 4))},
		{"1 chunks, want 1099511627776: all of them", tree(dataset(shape(1<<40), float, chunks(one, 1, 4)), 4, []uint64{0, 0}, 1)},
		{"a chunk of 3 bytes, want 4", tree(dataset(shape(1), float, chunks(one, 1, 4)), 3, []uint64{0, 0}, 1)},
		{"two chunks begin at [0]", tree(dataset(shape(2), float, chunks(one, 1, 4)), 4, []uint64{0, 0, 0, 0}, 2)},
		{"begins at 2 of dimension 0", tree(dataset(shape(2), float, chunks(one, 1, 4)), 4, []uint64{0, 0, 2, 0}, 2)},
		{"a chunk of [2] in shape [3] begins at 1", tree(dataset(shape(3), float, chunks(one, 2, 4)), 8, []uint64{0, 0, 1, 0}, 2)},
		{"chunks of more bytes than", tree(dataset(shape(1<<26), float, chunks(one, 1<<26, 4)), 1<<28, []uint64{0, 0}, 1)},
		{"a chunk of 268435456 bytes in 4, want at most 1032 times", tree(dataset(shape(1<<26), float, chunks(one+uint64(len(deflated)), 1<<26, 4), deflated), 4, []uint64{0, 0}, 1)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		o, err := object(c.file)
		if err == nil {
			_, err = o.Float32s()
		}
		runtime.ReadMemStats(&after)
		if strconv.IntSize == 32 && err != nil && strings.Contains(err.Error(), "too many values") {
			continue // sooner than with 64 bits
		}
		wantError(t, c.want, err, c.want)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes allocated", c.want, n)
		}
	}
}

// A group that contains itself, or a tree with nodes in a circle, ends.
func TestCircles(t *testing.T) {
	file := unzip(t, "small_old.h5")
	root := binary.LittleEndian.Uint64(file[64:])
	b := bytes.Clone(file)
	entries := bytes.Index(b, []byte("SNOD")) + 8
	binary.LittleEndian.PutUint64(b[entries+8:], root) // the first object is the root
	if err := readAll(sourceOf(b, false)); err != nil {
		t.Errorf("a group in itself: %v", err)
	}
	b = bytes.Clone(file)
	at := bytes.Index(b, []byte("TREE"))
	b[at+5] = 1 // the node is above itself
	binary.LittleEndian.PutUint64(b[at+32:], uint64(at))
	wantError(t, "tree", readAll(sourceOf(b, false)), "group tree...level 1, want one less than the node above")

	// Headers whose continuation is the same again.
	f := dataset(msg(msgContinuation, uint64(96+16), uint64(24)))
	binary.LittleEndian.PutUint16(f.b[96+2:], 60000)
	_, err := object(f)
	wantError(t, "continuation", err, "the file's structures overlap: more than twice its 136 bytes were read")
}

// failing fails behind its first bytes.
type failing struct {
	io.ReaderAt
	good int64
}

var errDisk = errors.New("a broken disk")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.good {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(p, off)
}

// Errors of the reader are not swallowed.
func TestReadErrors(t *testing.T) {
	file := unzip(t, "small_old.h5")
	for good := int64(0); good < int64(len(file)); good += 7 {
		r := failing{bytes.NewReader(file), good}
		err := readAll(&source{r: r, size: int64(len(file)), left: 2 * int64(len(file))})
		if !errors.Is(err, errDisk) && good < 9000 {
			t.Fatalf("a disk that breaks at %d: %v", good, err)
		}
	}
}

// FuzzFile reads anything. Checksums are not looked at, so that what is behind
// them is reached.
func FuzzFile(f *testing.F) {
	f.Add(unzip(f, "small_old.h5"))
	f.Add(unzip(f, "small_new.h5"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := sourceOf(b, true)
		h, err := newFile(s)
		if err != nil {
			if h != nil || !strings.HasPrefix(err.Error(), "hdf5: ") || len(err.Error()) > 3000 {
				t.Fatalf("%v beside the error %v", h, err)
			}
			return
		}
		paths := map[string]bool{}
		for _, o := range h.Objects() {
			if paths[o.Path] || len(o.Path) > maxPath {
				t.Fatalf("path %.100q, twice or too long", o.Path)
			}
			paths[o.Path] = true
			for _, a := range o.Attributes() {
				if v, err := a.Strings(); err == nil && len(v) != a.n {
					t.Fatalf("%d strings, want %d", len(v), a.n)
				}
			}
			if o.Group || o.Len() > 1<<20 {
				continue
			}
			v, err := o.Float32s()
			if err == nil && len(v) != o.Len() {
				t.Fatalf("%d values of shape %d", len(v), o.Shape)
			}
			if w, err := o.Int64s(); err == nil && len(w) != o.Len() {
				t.Fatalf("%d values of shape %d", len(w), o.Shape)
			}
			if fmt.Sprint(o.Type) == "" && o.broken == nil {
				t.Fatalf("%q has no type", o.Path)
			}
		}
	})
}
