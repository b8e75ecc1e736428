package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxSize bounds what the files add to every program that embeds them.
const maxSize = 1_500_000

func TestSubset(t *testing.T) {
	total := 0
	for _, part := range []struct {
		name     string
		perClass int
	}{{"train", 250}, {"t10k", 50}} {
		n := part.perClass * len(Classes)
		images, size := unzip(t, FS, part.name+"-images-idx3-ubyte.gz")
		total += size
		header := binary.BigEndian.AppendUint32(nil, 0x803)
		for _, d := range []int{n, 28, 28} {
			header = binary.BigEndian.AppendUint32(header, uint32(d))
		}
		if !bytes.HasPrefix(images, header) || len(images) != len(header)+n*28*28 {
			t.Errorf("%s: %d bytes of images with header %x, want %d with %x", part.name, len(images), images[:16], 16+n*28*28, header)
		}
		labels, size := unzip(t, FS, part.name+"-labels-idx1-ubyte.gz")
		total += size
		var count [256]int
		for _, label := range labels[8:] {
			count[label]++
		}
		for label := range Classes {
			if count[label] != part.perClass {
				t.Errorf("%s: %d images of %s, want %d", part.name, count[label], Classes[label], part.perClass)
			}
		}
		if len(labels) != 8+n {
			t.Errorf("%s: %d labels, want %d", part.name, len(labels)-8, n)
		}
	}
	if total > maxSize {
		t.Errorf("the files take %d bytes, want at most %d", total, maxSize)
	}
}

// TestSubsetIsCut cuts the subset again where the full data set is installed.
func TestSubsetIsCut(t *testing.T) {
	if _, err := os.Stat("/usr/share/datasets/fashion-mnist"); err != nil {
		t.Skip("the package dataset-fashion-mnist is not installed: ", err)
	}
	dir := t.TempDir()
	if out, err := exec.Command("go", "run", "subset.go", "-to", dir).CombinedOutput(); err != nil {
		t.Fatalf("go run subset.go: %v\n%s", err, out)
	}
	names, err := fs.Glob(FS, "*")
	if err != nil {
		t.Fatal(err)
	}
	cut, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 4 || len(cut) != 4 {
		t.Fatalf("%d files embedded, %d cut, want 4", len(names), len(cut))
	}
	for _, name := range names {
		got, _ := unzip(t, os.DirFS(dir), name)
		want, _ := unzip(t, FS, name)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the embedded file is not what subset.go cuts", name)
		}
	}
}

// unzip returns what a file holds and how many bytes it takes.
func unzip(t *testing.T, fsys fs.FS, name string) (content []byte, size int) {
	t.Helper()
	packed, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	content, err = io.ReadAll(z)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return content, len(packed)
}
