package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// drawn returns the size of the picture in a file.
func drawn(t *testing.T, path string) image.Point {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return picture.Bounds().Size()
}

// dotted writes a picture of the given size that is black but for one pixel.
func dotted(t *testing.T, w, h int) (path string, picture *image.Gray) {
	t.Helper()
	picture = image.NewGray(image.Rect(0, 0, w, h))
	picture.Pix[h/2*w+w/2] = 255
	path = filepath.Join(t.TempDir(), "dot.png")
	if err := savePNG(path, picture); err != nil {
		t.Fatal(err)
	}
	return path, picture
}

// A filter makes of a dot its own kernel, turned by half.
func TestFiltered(t *testing.T) {
	_, picture := dotted(t, 21, 15)
	maps, err := filtered(picture, 1)
	if err != nil || len(maps) != len(filters) {
		t.Fatalf("%d maps, %v", len(maps), err)
	}
	for k, f := range filters {
		n := len(f.kernel)
		for r := range 15 {
			for c := range 21 {
				want := float32(0)
				if i, j := n-1-(r-7+n/2), n-1-(c-10+n/2); i >= 0 && i < n && j >= 0 && j < n {
					want = f.kernel[i][j]
				}
				if got := maps[k][r*21+c]; math.Abs(float64(got-want)) > 1e-6 {
					t.Errorf("%s: %v at %d, %d, want %v", f.title, got, r, c, want)
				}
			}
		}
	}
	var sum float32
	for _, row := range filters[0].kernel {
		for _, v := range row {
			sum += v
		}
	}
	if math.Abs(float64(sum)-1) > 1e-6 {
		t.Errorf("the blur sums to %v, want 1", sum)
	}
}

func TestFilters(t *testing.T) {
	path, _ := dotted(t, 64, 48)
	out := filepath.Join(t.TempDir(), "f.png")
	text, _ := lecture(t, 0, "filters", "-size", "32", "-out", out, path)
	if want := "5 filters of 24x32 pixels are in " + out + "\n"; text != want {
		t.Errorf("printed %q, want %q", text, want)
	}
	if s := drawn(t, out); s.X < 3*32 || s.Y < 2*24 {
		t.Errorf("a picture of %v", s)
	}
}

// Every map of the lecture's CNN is seen, and is what the layers before it
// compute.
func TestFeaturemaps(t *testing.T) {
	m, err := net.Sequential(models.LectureCNN()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(nil, nil, net.Options{Batch: 1, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(t.TempDir(), "w")
	if err := m.SaveWeights(weights); err != nil {
		t.Fatal(err)
	}
	path, picture := dotted(t, 28, 28)
	c := choice{name: "cnn"}
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	seen, err := c.look(picture, weights, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.layers) != 8 {
		t.Fatalf("%d layers, want 8", len(seen.layers))
	}
	for i, l := range seen.layers {
		head, err := net.Sequential(models.LectureCNN()[:i+2]...)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range head.Params() {
			if err := p.Set(m.Param(p.Name).Data); err != nil {
				t.Fatal(err)
			}
		}
		if err := head.Compile(nil, nil, net.Options{Batch: 1}); err != nil {
			t.Fatal(err)
		}
		y := make([]float32, head.OutputShape().Len())
		if err := head.Predict(y, seen.x); err != nil {
			t.Fatal(err)
		}
		for j, v := range l.y {
			if v != y[j] {
				t.Fatalf("%s: value %d is %v, want %v", l.name, j, v, y[j])
			}
		}
	}
	p := make([]float32, classes)
	if err := m.Predict(p, seen.x); err != nil {
		t.Fatal(err)
	}
	if p[3] != seen.p[3] {
		t.Errorf("a probability of %v, want %v", seen.p[3], p[3])
	}

	out := filepath.Join(t.TempDir(), "m.png")
	text, _ := lecture(t, 0, "featuremaps", "-weights", weights, "-channels", "5", "-out", out, path)
	if want := "what 8 layers see is in " + out + "\n"; text != want {
		t.Errorf("printed %q, want %q", text, want)
	}
	if s := drawn(t, out); s.X < 5*56 || s.Y < 9*56 {
		t.Errorf("a picture of %v", s)
	}
}

// The network that gradients are measured in is ResNet-34.
func TestDeepNetwork(t *testing.T) {
	all := deepNetworks()
	m, err := all[3].build(64, 64, 3)
	if err != nil {
		t.Fatal(err)
	}
	res, err := net.Sequential(models.ResNet34(64, 64, 3, classes)...)
	if err != nil {
		t.Fatal(err)
	}
	if m.Size() != res.Size() || len(all[3].meters) != 17 {
		t.Errorf("%d weights and %d meters, want %d and 17", m.Size(), len(all[3].meters), res.Size())
	}
}

// The lecture's claims: without shortcuts the gradient vanishes, with them it
// does not, and a unit that adds nothing hands all of it on.
func TestGradients(t *testing.T) {
	out := filepath.Join(t.TempDir(), "g.svg")
	text, _ := lecture(t, 0, "gradients", "-size", "32", "-batch", "8", "-out", out)
	lines := strings.Split(text, "\n")
	if len(lines) != 8 {
		t.Fatalf("printed\n%s", text)
	}
	value := func(i int) float64 {
		fields := strings.Fields(lines[i])
		return number(t, fields[len(fields)-1])
	}
	if plain, shortcuts := value(1), value(2); !(plain < 1e-5 && shortcuts > 0.1 && shortcuts < 10) {
		t.Errorf("printed\n%s", text)
	}
	if plain, res := value(3), value(4); !(res < plain/2) {
		t.Errorf("printed\n%s", text)
	}
	if svg := string(readFile(t, out)); !strings.Contains(svg, "<svg") {
		t.Errorf("drew %.100q", svg)
	}

	d := deepNetworks()[4]
	m, err := d.build(32, 32, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(net.SGD{}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 2, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 2*32*32*3)
	for i := range x {
		x[i] = float32(i%7) / 7
	}
	if _, _, err := m.TrainStep(x, []uint8{1, 2}); err != nil {
		t.Fatal(err)
	}
	r := d.relative()
	for i, v := range r[:3] { // the units before the map first shrinks
		if math.Abs(v/r[2]-1) > 1e-6 {
			t.Errorf("units that add nothing hand on %v of the gradient, want all of it (unit %d)", v/r[2], i)
		}
	}
}

func TestFcnVsCnn(t *testing.T) {
	dir, out := folder(t, bright(16, 28, 28), bright(4, 28, 28)), filepath.Join(t.TempDir(), "c.png")
	text, _ := lecture(t, 0, "fcn-vs-cnn", "-data", dir, "-epochs", "1", "-batch", "16", "-out", out)
	for _, want := range []string{
		"16 training images, 4 test images, 1 epoch\n",
		"\nfully connected     266,610                  266,610 ",
		"\nsmall CNN            20,490               29,537,994 ",
		"\nlecture CNN       1,413,834 ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if s := drawn(t, out); s.X < 500 {
		t.Errorf("a picture of %v", s)
	}
	for _, r := range rivals() {
		m, err := net.Sequential(r.layers...)
		if err != nil {
			t.Fatal(err)
		}
		if weights, _, err := sharing(r.layers); err != nil || weights != m.Size() {
			t.Errorf("%s: %d weights, %v, want %d", r.name, weights, err, m.Size())
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var o, e bytes.Buffer
	for _, args := range [][]string{{"fcn-vs-cnn", "-data", dir}, {"gradients", "-data", dir, "-out", out}} {
		if code := run(ctx, args, &o, &e); code != exitInterrupted {
			t.Errorf("%s: exit code %d, want %d", args, code, exitInterrupted)
		}
	}
}

// A signal ends what takes long in the middle of it.
func TestAbandoning(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	other := errors.New("other")
	if err := abandoning(ctx, func() error { return other }); err != other {
		t.Errorf("%v, want %v", err, other)
	}
	block := make(chan int)
	defer close(block)
	if err := abandoning(ctx, func() error { cancel(); <-block; return nil }); err != errInterrupted {
		t.Errorf("%v, want %v", err, errInterrupted)
	}
}

func TestShowRefuses(t *testing.T) {
	path, _ := dotted(t, 8, 8)
	for _, c := range []struct {
		code       int
		args, want string
	}{
		{exitUsage, "filters", "no image"},
		{exitUsage, "filters -out a.jpg x.png", `-out is "a.jpg", want a name that ends in .png`},
		{exitUsage, "filters -size 0 x.png", "-size is 0, want 1 to 1024"},
		{exitUsage, "filters a.png b.png", `unexpected argument "b.png"`},
		{exitFailure, "filters -out " + t.TempDir() + "/f.png none.png", "no such file"},
		{exitFailure, "filters -out " + t.TempDir() + "/none/f.png " + path, "no such file"},
		{exitUsage, "featuremaps x.png", "-weights is needed"},
		{exitUsage, "featuremaps -weights w", "no image"},
		{exitUsage, "featuremaps -weights w -channels 0 x.png", "-channels is 0, want at least 1"},
		{exitUsage, "featuremaps -weights w -out f.svg x.png", `-out is "f.svg", want a name that ends in .png`},
		{exitFailure, "featuremaps -weights " + path + " -out " + t.TempDir() + "/f.png " + path, "safetensors"},
		{exitFailure, "featuremaps -weights none -out " + t.TempDir() + "/f.png " + path, "no such file"},
		{exitUsage, "gradients -size 2000", "-size is 2000, want 1 to 1024"},
		{exitUsage, "gradients -batch 0", "-batch is 0, want at least 1"},
		{exitUsage, "gradients -batch 2501 -out " + t.TempDir() + "/g.svg", "-batch is 2501, want at most the 2500 of -data embedded"},
		{exitUsage, "gradients -out g.bmp", `-out is "g.bmp", want a name that ends in .png or .svg`},
		{exitUsage, "gradients x", `unexpected argument "x"`},
		{exitFailure, "gradients -data nowhere -out " + t.TempDir() + "/g.png", `-data is "nowhere"`},
		{exitUsage, "fcn-vs-cnn -epochs 0", "-epochs is 0, want at least 1"},
		{exitUsage, "fcn-vs-cnn -out c.txt", `-out is "c.txt", want a name that ends in .png or .svg`},
		{exitFailure, "fcn-vs-cnn -data nowhere", `-data is "nowhere"`},
		{exitFailure, "fcn-vs-cnn -out " + t.TempDir() + "/none/c.png", "no such file"},
	} {
		if _, errs := lecture(t, c.code, strings.Fields(c.args)...); !strings.Contains(errs, c.want) {
			t.Errorf("%s: %q, want %q in it", c.args, errs, c.want)
		}
	}
}

func TestTicks(t *testing.T) {
	labels := func(ticker interface {
		Ticks(lo, hi float64) []plot.Tick
	}, lo, hi float64) string {
		var s []string
		for _, t := range ticker.Ticks(lo, hi) {
			s = append(s, t.Label)
		}
		return strings.Join(s, " ")
	}
	for _, c := range []struct{ got, want string }{
		{labels(wholeTicks{}, 1, 4), "1 2 3 4"},
		{labels(wholeTicks{}, 1, 16), "2 4 6 8 10 12 14 16"},
		{labels(wholeTicks{}, 0, 90), "0 10 20 30 40 50 60 70 80 90"},
		{labels(decades{}, 1e-5, 1e3), "1e-05 1e-04 0.001 0.01 0.1 1 10 100 1000"},
	} {
		if c.got != c.want {
			t.Errorf("ticks %s, want %s", c.got, c.want)
		}
	}
}

// A picture is replaced as a whole: a second name of the old file keeps it, and
// nothing else is left behind.
func TestPicturesAreReplaced(t *testing.T) {
	path, _ := dotted(t, 3, 3)
	old := filepath.Join(filepath.Dir(path), "old.png")
	if err := os.Link(path, old); err != nil {
		t.Skip(err)
	}
	if err := savePNG(path, image.NewGray(image.Rect(0, 0, 5, 4))); err != nil {
		t.Fatal(err)
	}
	if was, is := drawn(t, old), drawn(t, path); was != image.Pt(3, 3) || is != image.Pt(5, 4) {
		t.Errorf("%v under the old name and %v under the new one, want 3x3 and 5x4", was, is)
	}
	if err := savePNG(filepath.Join(path, "none.png"), image.NewGray(image.Rect(0, 0, 1, 1))); err == nil {
		t.Error("no error in a folder that is a file")
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 2 {
		t.Errorf("%v, %v: want two files", files, err)
	}
}
