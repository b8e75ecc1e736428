package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
)

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "hdf5: ") {
		t.Errorf("%s: error %v, want one of this package", what, err)
		return
	}
	rest := err.Error()
	for _, part := range strings.Split(want, "...") {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Errorf("%s: error %v, want %q in it", what, err, want)
			return
		}
		rest = after
	}
}

// What cannot be read is listed, and the others can be read nevertheless.
func TestRefused(t *testing.T) {
	for _, name := range goldens {
		f := mustOpen(t, name+".h5")
		cases := map[string]string{
			"big_endian":     "values of type floating-point of 4 bytes, want float16, float32 or float64",
			"big_endian_int": "values of type fixed-point of 4 bytes, want float16",
			"bool":           "values of type enumeration of 1 bytes, want",
			"opaque":         "values of type opaque of 2 bytes, want",
			"compound":       "values of type compound of 8 bytes, want",
			"text":           "values of type string of 2 bytes, want",
			"unwritten":      "its data were never written",
			"soft":           "a soft link, want an object in this file",
			"external":       "a link to another file, want",
			"committed":      "message 0x3 is shared with other objects",
		}
		if name == "new" {
			cases["fletcher"] = "chunks of layout version 4, which this package does not read"
		} else {
			cases["fletcher"] = "filter 3, want deflate (1) or shuffle (2)"
			cases["lzf"] = "filter 32000, want deflate"
			cases["partly"] = "2 chunks, want 5: all of them"
		}
		for object, want := range cases {
			path := "refused/" + object
			o := f.Object(path)
			if o == nil {
				t.Errorf("%s: no %s", name, path)
				continue
			}
			_, err := o.Float32s()
			wantError(t, name, err, fmt.Sprintf("%q: ...%s", "/"+path, want))
		}
		_, err := f.Object("types/f8").Int64s()
		wantError(t, name, err, `"/types/f8": values of type float64, want integers`)
		_, err = f.Object("types").Float32s()
		wantError(t, name, err, `"/types": a group, want a dataset`)
		if name == "new" {
			continue // it has no chunks
		}
		if _, err := f.Object("chunks/ragged_gzip").Float32s(); err != nil {
			t.Error(err)
		}
	}
}

// Names come from trees of several levels.
func TestManyLinks(t *testing.T) {
	for name, want := range map[string]int{"old": 300, "v18": 30, "new": 3000} {
		f, n := mustOpen(t, name+".h5"), 0
		for i := range want {
			if f.Object(fmt.Sprintf("many/link_%04d", i)) != nil {
				n++
			}
		}
		if n != want {
			t.Errorf("%s: %d of %d links", name, n, want)
		}
	}
}

func TestUint64(t *testing.T) {
	o := &Object{Path: "u", Shape: []int{2}, n: 2, Type: Type{Class: Uint, Size: 8}, source: &source{},
		layout: layout{kind: compact, data: binary.LittleEndian.AppendUint64(make([]byte, 8), 1<<63)}}
	_, err := o.Int64s()
	wantError(t, "large", err, `"/u": value 1 is 9223372036854775808, want at most 9223372036854775807`)
}

// A dataspace without values has no shape that data could be expected of.
func TestNullDataspace(t *testing.T) {
	const version, null = 2, 2
	if shape, n, err := dataspace(&block{b: []byte{version, 0, 0, null}}); err != nil || len(shape) != 0 || n != 0 {
		t.Errorf("%v, %d, %v, want no values", shape, n, err)
	}
	_, _, err := dataspace(&block{b: []byte{version, 1, 0, null, 3, 0, 0, 0, 0, 0, 0, 0}})
	wantError(t, "null", err, "1 dimensions of a dataspace without values, want 0")
}

// A patch changes a file after the n-th place where a signature is.
type patch struct {
	want      string
	signature string
	n, at     int
	value     any
}

func (p patch) apply(t *testing.T, file []byte) []byte {
	t.Helper()
	b, from := bytes.Clone(file), 0
	for range p.n + 1 {
		i := bytes.Index(b[from:], []byte(p.signature))
		if i < 0 {
			t.Fatalf("no %q", p.signature)
		}
		from += i + 1
	}
	if _, err := binary.Encode(b[from-1+p.at:], binary.LittleEndian, p.value); err != nil {
		t.Fatal(err)
	}
	return b
}

// readAll reads everything there is, and returns the first error.
func readAll(s *source) error {
	f, err := newFile(s)
	if err != nil {
		return err
	}
	for _, o := range f.Objects() {
		for _, a := range o.Attributes() {
			if _, err := a.Strings(); err != nil {
				return err
			}
		}
		switch o.Type.Class {
		case Float:
			_, err = o.Float32s()
		case Int, Uint:
			_, err = o.Int64s()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sourceOf(b []byte, trusted bool) *source {
	return &source{r: bytes.NewReader(b), size: int64(len(b)), left: 2 * int64(len(b)), trusted: trusted}
}

func TestBroken(t *testing.T) {
	type u8 = uint8
	type u16 = uint16
	type u64 = uint64
	for name, patches := range map[string][]patch{
		"small_old": {
			{`superblock at byte 0: begins with "\x88HDF`, signature, 0, 0, u8(0x88)},
			{"superblock...version 4, want one of [0 1 2 3]", signature, 0, 8, u8(4)},
			{"superblock...size of addresses 4, want one of [8]", signature, 0, 13, u8(4)},
			{"superblock...base address 512, want 0", signature, 0, 24, u64(512)},
			{"superblock...the file ends after 11471 bytes, want 11472", signature, 0, 40, u64(11472)},
			{"object header at byte 11472: 1 bytes, but the file has 11471", signature, 0, 64, u64(11472)},
			{"object header at byte 18446744073709551614: 1 bytes, but", signature, 0, 64, u64(math.MaxUint64 - 1)},
			{"object header at byte 11470: version 242", signature, 0, 64, u64(11470)},
			{"object header at byte 0: version 137, want one of [1]", signature, 0, 64, u64(0)},
			{`group tree...begins with "TRED", want "TREE"`, "TREE", 0, 3, byte('D')},
			{"group tree...type of node 1, want one of [0]", "TREE", 0, 4, u8(1)},
			{"level 33, want one less than the node above and at most 32", "TREE", 0, 5, u8(33)},
			{"group tree...bytes, but the file has 11471", "TREE", 0, 6, u16(60000)},
			{"symbol table node at byte 80000: 8 bytes, but the file has 11471", "TREE", 0, 32, u64(80000)},
			{"local heap...version 1", "HEAP", 0, 4, u8(1)},
			{"names of a group...9223372036854775808 bytes, but the file has 11471", "HEAP", 0, 8, u64(1 << 63)},
			{"a name at 88 of 88 bytes of names", "SNOD", 0, 8, u64(88)},
			{"symbol table node's entries...bytes, but", "SNOD", 0, 6, u16(65535)},
			{"an object is named \"\", want a name without '/'", "chunks\x00", 0, 0, u8(0)},
			{"an object is named \"c/unks\", want a name without '/'", "chunks\x00", 0, 1, u8('/')},
			{"two objects are named \"link_00\"", "link_01\x00", 0, 6, u8('0')},
			{"two attributes are named \"more_00\"", "more_01\x00", 0, 6, u8('0')},
			{"global heap...begins with \"GCOM\"", "GCOL", 0, 3, u8('M')},
			{"global heap...15 bytes, want at least 16", "GCOL", 0, 8, u64(15)},
			{"global heap's objects...bytes, but the file has 11471", "GCOL", 0, 8, u64(1 << 20)},
			{"object 1 has 4081 bytes, but 4064 are left", "GCOL", 0, 24, u64(4081)},
			{"string 0 has 11 bytes in object 2 of the heap at byte 2064, which has 10", "GCOL", 0, 56, u64(10)},
			{"string 0 has 11 bytes in object 2 of the heap at byte 2064, which has 0", "GCOL", 0, 16, u16(0)},
		},
		"small_new": {
			{"superblock...checksum", signature, 0, 44, u8(1)},
			{"object header at byte 48: version 1, want one of [2]", "OHDR", 0, 4, u8(1)},
			{"object header at byte 48: checksum", "OHDR", 0, 20, u8(77)},
			{"object header at byte 48: ...but the file has", "OHDR", 0, 5, u8(3)},
			{"object header continuation...checksum", "OCHK", 0, 9, u8(77)},
			{"object header continuation...begins with", "OCHK", 0, 3, u8('L')},
			{"fractal heap at byte...checksum", "FRHP", 0, 20, u8(1)},
			{"B-tree...checksum", "BTHD", 0, 20, u8(1)},
			{"B-tree...type of records 7, want one of [8]", "BTHD", 0, 5, u8(7)},
			{"node of a B-tree...checksum", "BTIN", 0, 10, u8(1)},
			{"node of a B-tree...checksum", "BTLF", 0, 10, u8(1)},
			{"block of a fractal heap...checksum", "FHIB", 0, 30, u8(1)},
			{"block of a fractal heap...checksum", "FHDB", 0, 40, u8(77)},
			{"block of a fractal heap...heap at byte", "FHDB", 0, 5, u8(77)},
		},
	} {
		file := unzip(t, name+".h5")
		if err := readAll(sourceOf(file, false)); err != nil && !strings.Contains(err.Error(), "layout version 4") {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range patches {
			wantError(t, name+": "+p.want, readAll(sourceOf(p.apply(t, file), false)), p.want)
		}
	}
}
