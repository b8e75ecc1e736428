package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// draws writes a picture: a bar of ink, eight wide, on paper.
func draws(t *testing.T, name string, size int, paper, ink color.Color) string {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			c := paper
			if 28*x >= 10*size && 28*x < 18*size {
				c = ink
			}
			m.Set(x, y, c)
		}
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if strings.HasSuffix(name, ".jpg") {
		err = jpeg.Encode(f, m, &jpeg.Options{Quality: 100})
	} else {
		err = png.Encode(f, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// oneStep returns a file with the weights of the dense network after a step.
func oneStep(t *testing.T) (data, weights string) {
	t.Helper()
	data, weights = folder(t, bright(32, 28, 28), bright(20, 28, 28)), filepath.Join(t.TempDir(), "w.safetensors")
	lecture(t, 0, "train", "-model", "dense", "-epochs", "1", "-data", data, "-weights", weights)
	return data, weights
}

func TestReadPicture(t *testing.T) {
	black, white := color.NRGBA{0, 0, 0, 255}, color.NRGBA{255, 255, 255, 255}
	for _, c := range []struct {
		name       string
		paper, ink color.Color
		invert     bool
	}{
		{"light.png", black, white, false},
		{"dark.png", white, black, true},
		{"light.jpg", black, white, false},
		{"clear-light.png", color.NRGBA{}, white, false},
		{"clear-dark.png", color.NRGBA{}, black, true},
	} {
		got, err := readPicture(draws(t, c.name, 28, c.paper, c.ink), c.invert)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for x, want := range map[int]uint8{0: 0, 9: 0, 10: 255, 17: 255, 18: 0} {
			if p := got.GrayAt(x, 14).Y; max(p, want)-min(p, want) > 3 {
				t.Errorf("%s: column %d is %d, want %d", c.name, x, p, want)
			}
		}
	}
}

func TestPredict(t *testing.T) {
	_, weights := oneStep(t)
	white, black := color.NRGBA{255, 255, 255, 255}, color.NRGBA{0, 0, 0, 255}
	picture := draws(t, "p.png", 28, black, white)
	out, _ := lecture(t, 0, "predict", picture, "-model", "dense", "-weights", weights)
	if again, _ := lecture(t, 0, "predict", "-invert", "-model", "dense", "-weights", weights, draws(t, "q.png", 28, white, black)); again != out {
		t.Errorf("the inverted drawing gives %q, want %q", again, out)
	}
	if same, _ := lecture(t, 0, "predict", "-model", "dense", "-weights", weights, draws(t, "r.png", 28, white, black)); same == out {
		t.Error("dark on light gives the same as light on dark")
	}
	lines := regexp.MustCompile(`(?m)^(\S.{10})  ([01]\.\d{4})$`).FindAllStringSubmatch(out, -1)
	if len(lines) != classes || strings.Count(out, "\n") != classes {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), classes, out)
	}
	model, err := net.Sequential(models.MNISTDense()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.LoadWeights(weights); err != nil {
		t.Fatal(err)
	}
	if err := model.Compile(nil, nil, net.Options{Batch: 1}); err != nil {
		t.Fatal(err)
	}
	x, p := make([]float32, 28*28), make([]float32, classes)
	for i := range x {
		if c := i % 28; c >= 10 && c < 18 {
			x[i] = 1
		}
	}
	if err := model.Predict(p, x); err != nil {
		t.Fatal(err)
	}
	names, last := classNames(embedded), 2.0
	for _, line := range lines {
		got := number(t, line[2])
		if got > last {
			t.Errorf("%v after %v, want the best first", got, last)
		}
		last = got
		for i, name := range names {
			if name == strings.TrimSpace(line[1]) {
				if math.Abs(got-float64(p[i])) > 0.6e-4 {
					t.Errorf("%s: %v, want %v", name, got, p[i])
				}
				p[i] = -1
			}
		}
	}
	for i, v := range p {
		if v != -1 {
			t.Errorf("%s is missing in\n%s", names[i], out)
		}
	}
	best, _, _ := strings.Cut(out, "  ")
	large := draws(t, "large.png", 280, black, white)
	if resized, _ := lecture(t, 0, "predict", "-model", "dense", "-weights", weights, large); !strings.HasPrefix(resized, best) {
		t.Errorf("the drawing at ten times its size gives\n%swant %s first", resized, best)
	}
	if out, _ := lecture(t, 0, "predict", "-data", "mnist", "-model", "dense", "-weights", weights, picture); !regexp.MustCompile(`^\d  0\.\d{4}\n`).MatchString(out) {
		t.Errorf("no digits in\n%s", out)
	}
}

// pngHeader returns the beginning of a PNG file that claims a size.
func pngHeader(width, height uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	chunk = append(binary.BigEndian.AppendUint32(chunk, height), 8, 0, 0, 0, 0)
	return binary.BigEndian.AppendUint32(append(b, chunk...), crc32.ChecksumIEEE(chunk))
}

func TestPredictRefuses(t *testing.T) {
	_, weights := oneStep(t)
	file := func(name string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := draws(t, "p.png", 28, color.Black, color.White)
	whole := readFile(t, good)
	broken := bytes.Clone(readFile(t, weights))
	for i := len(broken) - 400; i < len(broken); i++ {
		broken[i] = 0xff // NaN
	}
	for _, c := range []struct{ file, weights, want string }{
		{filepath.Join(t.TempDir(), "none.png"), weights, "no such file"},
		{t.TempDir(), weights, "is not a regular file"},
		{file("text.png", []byte("a picture")), weights, "text.png is neither a PNG nor a JPEG image"},
		{file("empty.png", nil), weights, "empty.png is neither a PNG nor a JPEG image"},
		{file("cut.png", whole[:len(whole)-20]), weights, "cut.png: "},
		{file("wide.png", pngHeader(4097, 1)), weights, "an image of 4097x1 pixels, want 1x1 to 4096x4096"},
		{file("huge.png", pngHeader(1<<31-1, 1<<31-1)), weights, "huge.png: "},
		{good, good, "p.png"},
		{good, file("nan.safetensors", broken), "not a number"},
	} {
		out, errs := lecture(t, exitFailure, "predict", "-model", "dense", "-weights", c.weights, c.file)
		if !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%s: printed %q and %q, want %q in the second", c.file, out, errs, c.want)
		}
	}
	if _, errs := lecture(t, exitFailure, "predict", "-weights", weights, good); !strings.Contains(errs, "missing conv2d/kernel") {
		t.Errorf("weights of another network: %q", errs)
	}
}

func TestEvaluate(t *testing.T) {
	dir, weights := oneStep(t)
	trained, _ := lecture(t, 0, "train", "-model", "dense", "-epochs", "30", "-data", dir, "-from", weights, "-weights", weights)
	out, _ := lecture(t, 0, "evaluate", "-model", "dense", "-data", dir, "-weights", weights, "-batch", "7")
	test := regexp.MustCompile(`(?m)^Test - accuracy: (\S+) - loss: \S+$`)
	want, got := test.FindStringSubmatch(trained), test.FindStringSubmatch(out)
	if want == nil || got == nil || got[0] != want[0] {
		t.Errorf("evaluate found %q, train %q", got, want)
	}
	rows := regexp.MustCompile(`(?m)^(\d) \d      +2 +([01]\.\d{4})((?: +\d+){10})$`).FindAllStringSubmatch(out, -1)
	if len(rows) != classes {
		t.Fatalf("%d rows of two images each, want %d:\n%s", len(rows), classes, out)
	}
	right := 0.0
	for i, row := range rows {
		counts := strings.Fields(row[3])
		n := number(t, counts[i])
		right += n
		if number(t, row[2]) != n/2 {
			t.Errorf("class %d: accuracy %s with %v of 2 right", i, row[2], n)
		}
	}
	if accuracy := number(t, got[1]); accuracy != right/20 || accuracy < 0.5 {
		t.Errorf("accuracy %v, %v of 20 right in the table", accuracy, right)
	}
}
