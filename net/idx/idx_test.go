package idx

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// file returns an IDX file with n bytes of data that count up.
func file(magic uint32, dims []uint32, n int) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	for i := range n {
		b = append(b, byte(i))
	}
	return b
}

func packed(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type reader func(io.Reader, Options) (*Array, error)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name string
		read reader
		file []byte
		dims []int
		size int
	}{
		{"images", ReadImages, file(0x803, []uint32{2, 3, 4}, 24), []int{2, 3, 4}, 24},
		{"labels", ReadLabels, file(0x801, []uint32{5}, 5), []int{5}, 5},
		{"any images", Read, file(0x803, []uint32{2, 3, 4}, 24), []int{2, 3, 4}, 24},
		{"four dimensions", Read, file(0x804, []uint32{2, 1, 3, 1}, 6), []int{2, 1, 3, 1}, 6},
		{"no samples", ReadImages, file(0x803, []uint32{0, 28, 28}, 0), []int{0, 28, 28}, 0},
		{"no pixels, large sizes", ReadImages, file(0x803, []uint32{1000, 1000, 0}, 0), []int{1000, 1000, 0}, 0},
		{"several chunks", Read, file(0x802, []uint32{3, chunk + 5}, 3*chunk+15), []int{3, chunk + 5}, 3*chunk + 15},
	} {
		for _, form := range []struct {
			name string
			r    io.Reader
		}{
			{"plain", bytes.NewReader(c.file)},
			{"gzip", bytes.NewReader(packed(t, c.file))},
			{"in halves", iotest.HalfReader(bytes.NewReader(c.file))},
		} {
			a, err := c.read(form.r, Options{})
			if err != nil {
				t.Errorf("%s, %s: %v", c.name, form.name, err)
				continue
			}
			if !slices.Equal(a.Dims, c.dims) || !bytes.Equal(a.Data, c.file[len(c.file)-c.size:]) {
				t.Errorf("%s, %s: sizes %v and %d bytes, want %v and the %d of the file", c.name, form.name, a.Dims, len(a.Data), c.dims, c.size)
			}
		}
	}
}

// bad are files that are refused, with what the error says; parts of it are
// separated by "...".
func bad(t testing.TB) []badFile {
	images := file(0x803, []uint32{2, 3, 4}, 24)
	z := packed(t, images)
	flipped := slices.Clone(z)
	flipped[len(flipped)-5] ^= 1 // in the checksum
	return []badFile{
		{"empty", Read, nil, "magic number ends after 0 bytes, want 4"},
		{"short magic", Read, images[:3], "magic number ends after 3 bytes, want 4"},
		{"labels for images", ReadImages, file(0x801, []uint32{1}, 1), "magic number 0x00000801, want 0x00000803"},
		{"images for labels", ReadLabels, images, "magic number 0x00000803, want 0x00000801"},
		{"not IDX", Read, []byte("\x89PNG\r\n\x1a\n"), "magic number 0x89504e47, want 0x0000 in its upper half"},
		{"floats", Read, file(0xd03, []uint32{2, 3, 4}, 96), "type 0x0d, want 0x08"},
		{"no dimensions", Read, file(0x800, nil, 1), "0 dimensions, want 1 to 8"},
		{"many dimensions", Read, file(0x8ff, nil, 1), "255 dimensions, want 1 to 8"},
		{"no sizes", Read, images[:4], "size 1 of 3 ends after 0 bytes, want 4"},
		{"short size", Read, images[:10], "size 2 of 3 ends after 2 bytes, want 4"},
		{"one byte short", Read, images[:len(images)-1], "data ends after 23 bytes, want 24"},
		{"no data", Read, images[:16], "data ends after 0 bytes, want 24"},
		{"one byte more", Read, append(slices.Clone(images), 0), "data goes on after 24 bytes"},
		{"too large", Read, file(0x803, []uint32{1 << 20, 28, 28}, 9), "size 3 of 3 is 28 after [1048576 28]...268435456 bytes...MaxBytes"},
		{"overflow", Read, file(0x804, []uint32{1 << 31, 1 << 31, 1 << 31, 4}, 9), "size 1 of 4 is 2147483648"},
		{"overflow to zero", Read, file(0x804, []uint32{1 << 16, 1 << 16, 1 << 16, 1 << 16}, 9), "size 2 of 4 is 65536"},
		{"overflow before zero", Read, file(0x803, []uint32{1 << 20, 1 << 20, 0}, 0), "size 2 of 3 is 1048576"},
		{"gzip header only", Read, z[:2], "gzip"},
		{"gzip cut", Read, z[:len(z)-9], "after the data: unexpected EOF"},
		{"gzip checksum", Read, flipped, "checksum"},
		{"after gzip", Read, append(slices.Clone(z), "rest"...), "after the data"},
		{"two gzip members", Read, append(slices.Clone(z), z...), "data goes on after 24 bytes"},
	}
}

type badFile struct {
	name string
	read reader
	file []byte
	want string
}

func TestReadErrors(t *testing.T) {
	for _, c := range bad(t) {
		a, err := c.read(bytes.NewReader(c.file), Options{})
		wantError(t, c.name, a, err, c.want)
	}
	labels := file(0x801, []uint32{5}, 5)
	a, err := ReadLabels(bytes.NewReader(labels), Options{MaxBytes: 4})
	wantError(t, "MaxBytes", a, err, "size 1 of 1 is 5...more than 4 bytes")
	if _, err = ReadLabels(bytes.NewReader(labels), Options{MaxBytes: 5}); err != nil {
		t.Errorf("exactly MaxBytes: %v", err)
	}
	a, err = Read(bytes.NewReader(labels), Options{MaxBytes: -1})
	wantError(t, "negative MaxBytes", a, err, "MaxBytes = -1")
	broken := errors.New("broken")
	a, err = Read(io.MultiReader(bytes.NewReader(labels[:7]), iotest.ErrReader(broken)), Options{})
	wantError(t, "broken stream", a, err, "size 1 of 1: broken")
	if !errors.Is(err, broken) {
		t.Errorf("error %v does not wrap the stream's", err)
	}
}

func wantError(t *testing.T, name string, a *Array, err error, want string) {
	t.Helper()
	if err == nil || a != nil {
		t.Errorf("%s: array %v and error %v, want none and an error", name, a, err)
		return
	}
	for _, part := range strings.Split(want, "...") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: error %q, want it to say %q", name, err, part)
		}
	}
}

// A header that claims 256 MiB makes nobody allocate them.
func TestLyingHeader(t *testing.T) {
	lie := file(0x801, []uint32{defaultMaxBytes}, 100)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ReadLabels(bytes.NewReader(lie), Options{})
	runtime.ReadMemStats(&after)
	wantError(t, "lie", nil, err, fmt.Sprintf("data ends after 100 bytes, want %d", defaultMaxBytes))
	if used := after.TotalAlloc - before.TotalAlloc; used > 2*chunk {
		t.Errorf("%d bytes allocated for 100, want at most %d", used, 2*chunk)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	images, labels := file(0x803, []uint32{2, 3, 4}, 24), file(0x801, []uint32{5}, 5)
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	i, l := write("images.gz", packed(t, images)), write("labels", labels)
	if a, err := OpenImages(i, Options{}); err != nil || !bytes.Equal(a.Data, images[16:]) {
		t.Errorf("images: %v, %v", a, err)
	}
	if a, err := OpenLabels(l, Options{}); err != nil || !bytes.Equal(a.Data, labels[8:]) {
		t.Errorf("labels: %v, %v", a, err)
	}
	if a, err := Open(l, Options{}); err != nil || !bytes.Equal(a.Data, labels[8:]) {
		t.Errorf("any: %v, %v", a, err)
	}
	a, err := OpenImages(l, Options{})
	wantError(t, "labels for images", a, err, l+": idx: magic number 0x00000801")
	if _, err := Open(filepath.Join(dir, "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v, want os.ErrNotExist", err)
	}
}

// What is read is as long as its sizes say and within the limit, and reads
// again the same from a file written from it.
func FuzzRead(f *testing.F) {
	f.Add(file(0x803, []uint32{2, 3, 4}, 24))
	f.Add(file(0x801, []uint32{5}, 5))
	f.Add(packed(f, file(0x801, []uint32{5}, 5)))
	f.Add(file(0x803, []uint32{0xffffffff, 0xffffffff, 0xffffffff}, 3))
	for _, c := range bad(f) {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 16
		a, err := Read(bytes.NewReader(b), Options{MaxBytes: limit})
		if err != nil {
			if a != nil {
				t.Errorf("an array beside the error %v", err)
			}
			return
		}
		size := 1
		dims := make([]uint32, len(a.Dims))
		for i, d := range a.Dims {
			size *= d
			dims[i] = uint32(d)
		}
		if size != len(a.Data) || size > limit || len(dims) == 0 {
			t.Fatalf("%d bytes for sizes %v, limit %d", len(a.Data), a.Dims, limit)
		}
		again := append(file(0x800+uint32(len(dims)), dims, 0), a.Data...)
		c, err := Read(bytes.NewReader(again), Options{MaxBytes: limit})
		if err != nil || !bytes.Equal(c.Data, a.Data) || !slices.Equal(c.Dims, a.Dims) {
			t.Fatalf("written again: %v, %v, want %v", c, err, a)
		}
	})
}
