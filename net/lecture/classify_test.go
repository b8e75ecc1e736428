package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/lecture/data"
	"github.com/simdconv/simdconv/net/models"
)

// Squeezing keeps the colours: columns left and right, whatever the shape.
func TestPixels(t *testing.T) {
	m := image.NewNRGBA(image.Rect(3, 5, 3+40, 5+20))
	for y := range 20 {
		for x := range 40 {
			c := color.NRGBA{255, 128, 0, 255}
			if x >= 20 {
				c = color.NRGBA{9, 9, 9, 0} // clear: white
			}
			m.Set(3+x, 5+y, c)
		}
	}
	x := pixels(m, 8)
	if len(x) != 8*8*3 {
		t.Fatalf("%d values, want %d", len(x), 8*8*3)
	}
	for i, want := range map[int][]float32{0: {255, 128, 0}, 7: {255, 255, 255}, 58: {255, 128, 0}} {
		if got := x[3*i : 3*i+3]; math.Abs(float64(got[0]-want[0]))+math.Abs(float64(got[1]-want[1]))+math.Abs(float64(got[2]-want[2])) > 3 {
			t.Errorf("pixel %d is %v, want %v", i, got, want)
		}
	}
}

func TestImageNetClasses(t *testing.T) {
	names := data.ImageNet()
	if len(names) != 1000 || names[0] != "tench, Tinca tinca" || names[281] != "tabby, tabby cat" || names[999] != "toilet tissue, toilet paper, bathroom tissue" {
		t.Errorf("%d classes, of which 0, 281, 999 are %q, %q, %q", len(names), names[0], names[281], names[len(names)-1])
	}
	if i := slices.Index(names, ""); i >= 0 {
		t.Errorf("class %d has no name", i)
	}
}

// resNet50 writes weights of three classes, as they are at first but for the
// bias, and the classes.
func resNet50(t *testing.T, bias ...float32) (weights, classes string) {
	t.Helper()
	if tier, err := kernels.BestTier(); err != nil || tier == kernels.TierGeneric {
		t.Skipf("tier %v takes too long (%v)", tier, err)
	}
	m, err := models.ResNet50(models.Classes(len(bias)))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(nil, nil, net.Options{Batch: 1, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	p := m.Param("predictions/kernel")
	clear(p.Data)
	if err := m.Param("predictions/bias").Set(bias); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	weights, classes = filepath.Join(dir, "w.safetensors"), filepath.Join(dir, "classes.txt")
	if err := m.SaveWeights(weights); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(classes, []byte("cat\r\ndog\r\ntrain\r\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return weights, classes
}

// With a kernel of zeros the probabilities are those of the bias.
func TestClassify(t *testing.T) {
	weights, classes := resNet50(t, 1, 3, 2)
	picture := draws(t, "p.png", 50, color.White, color.Black)
	out, _ := lecture(t, 0, "classify", "-weights", weights, "-classes", classes, picture)
	sum := math.Exp(1) + math.Exp(2) + math.Exp(3)
	var want strings.Builder
	for _, c := range []struct {
		i    int
		name string
		bias float64
	}{{1, "dog", 3}, {2, "train", 2}, {0, "cat", 1}} {
		fmt.Fprintf(&want, "%.4f  %3d  %s\n", math.Exp(c.bias)/sum, c.i, c.name)
	}
	if out != want.String() {
		t.Errorf("printed\n%swant\n%s", out, &want)
	}
	best, _ := lecture(t, 0, "classify", "-weights", weights, "-classes", classes, "-top", "1", picture)
	if !regexp.MustCompile(`^0\.\d{4}    1  dog\n$`).MatchString(best) {
		t.Errorf("-top 1 printed %q", best)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"predictions/kernel: file has [2048 3], model wants [2048 1000]", []string{"-weights", weights, picture}},
		{"missing block1_conv1/kernel", []string{"-weights", weights, "-model", "vgg16", "-classes", classes, picture}},
		{"is neither a PNG nor a JPEG image", []string{"-weights", weights, "-classes", classes, weights}},
		{"no such file", []string{"-weights", weights + "?", "-classes", classes, picture}},
	} {
		if out, errs := lecture(t, exitFailure, append([]string{"classify"}, c.args...)...); !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("printed %q and %.300q, want %q in the second", out, errs, c.want)
		}
	}
}

func TestClassifyRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	picture := draws(t, "p.png", 28, color.White, color.Black)
	hdf5 := "\x89HDF\r\n\x1a\n"
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "-weights is needed", []string{picture}},
		{exitUsage, "no image", []string{"-weights", "w"}},
		{exitUsage, "-top is 0, want at least 1", []string{"-weights", "w", "-top", "0", picture}},
		{exitUsage, `-model is "alexnet", want resnet50, resnet101, resnet152, vgg16, vgg19`, []string{"-weights", "w", "-model", "alexnet", picture}},
		{exitFailure, "1 line, want the name of a class in each of at least 2", []string{"-weights", "w", "-classes", file("one", "cat\n"), picture}},
		{exitFailure, "more than 1048576 bytes", []string{"-weights", "w", "-classes", file("long", strings.Repeat("cat\n", 1<<19)), picture}},
		{exitFailure, "an image of 4097x1 pixels, want 1x1 to 4096x4096", []string{"-weights", "w", file("wide.png", string(pngHeader(4097, 1)))}},
		{exitFailure, "huge.png: ", []string{"-weights", "w", file("huge.png", string(pngHeader(1<<31-1, 1<<31-1)))}},
		{exitFailure, "hdf5: superblock at byte 0: ends after 8 bytes", []string{"-weights", file("cut.h5", hdf5), picture}},
		{exitFailure, "net: safetensors: ", []string{"-weights", file("text.h5", "no weights at all"), picture}},
	} {
		out, errs := lecture(t, c.code, append([]string{"classify"}, c.args...)...)
		if first, _, _ := strings.Cut(errs, "\n"); !strings.Contains(first, c.want) || out != "" {
			t.Errorf("printed %q and %.300q, want %q in the first line of the second", out, errs, c.want)
		}
	}
}

// A picture with values beyond 8 bits, or without colour, is one too.
func TestPixelsFormats(t *testing.T) {
	for name, m := range map[string]image.Image{
		"grey16": image.NewGray16(image.Rect(0, 0, 5, 5)), "cmyk": image.NewCMYK(image.Rect(0, 0, 5, 5)), "one": image.NewGray(image.Rect(0, 0, 1, 1)),
	} {
		x := pixels(m, 4)
		for i := range x {
			if x[i] != x[0] {
				t.Errorf("%s: value %d is %v, want %v", name, i, x[i], x[0])
			}
		}
	}
	path := filepath.Join(t.TempDir(), "p.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, image.NewGray16(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	if m, err := decodePicture(path); err != nil || m.Bounds().Dx() != 3 {
		t.Errorf("%v, %v", m, err)
	}
}
