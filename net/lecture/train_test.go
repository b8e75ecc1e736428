package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/lecture/data"
	"github.com/simdconv/simdconv/net/models"
)

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTrainIsDeterministic(t *testing.T) {
	dir := folder(t, bright(40, 28, 28), bright(10, 28, 28))
	train := func(args string) []byte {
		path := filepath.Join(t.TempDir(), "w.safetensors")
		lecture(t, 0, append(strings.Fields("train -model dense -epochs 2 -batch 16 -data "+dir+" -weights "+path), strings.Fields(args)...)...)
		return readFile(t, path)
	}
	first := train("-threads 1")
	if !bytes.Equal(train("-threads 2"), first) {
		t.Error("two threads learn something else than one")
	}
	for _, args := range []string{
		"-seed 2", "-rate 0.01", "-batch 40", "-epochs 1", "-validation 0.25", "-optimizer sgd",
		"-optimizer nesterov", "-optimizer rmsprop", "-optimizer adamw",
	} {
		if bytes.Equal(train(args), first) {
			t.Errorf("%s changed nothing", args)
		}
	}
}

func TestTrainPrints(t *testing.T) {
	dir := folder(t, bright(24, 28, 28), bright(10, 28, 28))
	for _, c := range []struct{ args, want string }{
		{"-epochs 2 -batch 8", `^lecture CNN, \d+ weights, on \w+: 24 training images, 10 test images
Epoch 1/2
3/3 ━{20} \d+s \d+.?s/step - accuracy: [01]\.\d{4} - loss: \d+\.\d{4}
Epoch 2/2
3/3 ━{20} \d+s \d+.?s/step - accuracy: [01]\.\d{4} - loss: \d+\.\d{4}
Test - accuracy: [01]\.\d{4} - loss: \d+\.\d{4}
$`},
		{"-epochs 1 -model dense -images 10 -batch 4", `^dense network, \d+ weights, on \w+: 10 training images, 10 test images
Epoch 1/1
3/3 [^\n]+
Test - [^\n]+
$`},
		{"-epochs 1 -model dense -validation 0.5", `^dense network, \d+ weights, on \w+: 12 training images, 12 to validate with, 10 test images
Epoch 1/1
1/1 ━{20} \d+s \d+.?s/step - accuracy: \S+ - loss: \S+ - val_accuracy: [01]\.\d{4} - val_loss: \d+\.\d{4}
Test - [^\n]+
$`},
	} {
		out, _ := lecture(t, 0, append([]string{"train", "-data", dir}, strings.Fields(c.args)...)...)
		if !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("%s: output %q does not match %s", c.args, out, c.want)
		}
	}
}

// The loop of the program and Fit of the library learn the same, to the bit.
func TestTrainIsFit(t *testing.T) {
	images, test := bright(50, 28, 28), bright(10, 28, 28)
	model, err := net.Sequential(models.MNISTDense()...)
	if err != nil {
		t.Fatal(err)
	}
	err = model.Compile(net.Adam{}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 16, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	d := &net.Dataset{Pixels: images.pixels, Y: images.labels, Size: 28 * 28}
	history, err := model.Fit(d, net.FitOptions{Epochs: 3, ValidationSplit: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := model.WriteWeights(&want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	out, _ := lecture(t, 0, "train", "-model", "dense", "-data", folder(t, images, test),
		"-epochs", "3", "-seed", "3", "-batch", "16", "-validation", "0.3", "-weights", path)
	if !bytes.Equal(readFile(t, path), want.Bytes()) {
		t.Error("the weights are not those of Fit")
	}
	lines := regexp.MustCompile(`accuracy: (\S+) - loss: (\S+) - val_accuracy: (\S+) - val_loss: (\S+)\n`).FindAllStringSubmatch(out, -1)
	if len(lines) != len(history) {
		t.Fatalf("%d lines of metrics, want %d:\n%s", len(lines), len(history), out)
	}
	for i, p := range history {
		for j, want := range []float64{p.Accuracy, p.Loss, p.ValidationAccuracy, p.ValidationLoss} {
			if got := number(t, lines[i][j+1]); math.Abs(got-want) > 0.6e-4 {
				t.Errorf("epoch %d: %v is not %.4f", i+1, lines[i][j+1], want)
			}
		}
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTrainGoesOn(t *testing.T) {
	dir := folder(t, bright(40, 28, 28), bright(10, 28, 28))
	path := filepath.Join(t.TempDir(), "w.safetensors")
	train := func(args ...string) []byte {
		lecture(t, 0, append([]string{"train", "-model", "dense", "-data", dir, "-weights", path, "-epochs", "1", "-optimizer", "sgd", "-rate", "1e-60"}, args...)...)
		return readFile(t, path)
	}
	// With this rate nothing moves: the weights are those that it began with.
	one, two := train("-seed", "1"), train("-seed", "2")
	if bytes.Equal(one, two) {
		t.Fatal("two seeds, one start")
	}
	if !bytes.Equal(train("-resume", "-seed", "1"), two) {
		t.Error("-resume does not begin with the -weights file")
	}
	other := filepath.Join(t.TempDir(), "other.safetensors")
	if err := os.WriteFile(other, one, 0o666); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(train("-from", other, "-seed", "2"), one) {
		t.Error("-from does not begin with its file")
	}
}

func TestTrainRefuses(t *testing.T) {
	dir := folder(t, bright(20, 28, 28), bright(10, 28, 28))
	broken := folder(t, bright(20, 28, 28), bright(10, 28, 28))
	if err := os.Truncate(filepath.Join(broken, "t10k-labels-idx1-ubyte"), 9); err != nil {
		t.Fatal(err)
	}
	cnn := filepath.Join(t.TempDir(), "cnn.safetensors")
	lecture(t, 0, "train", "-data", dir, "-epochs", "1", "-weights", cnn)
	for _, c := range []struct{ args, want string }{
		{"-data nowhere", `-data is "nowhere"`},
		{"-data " + broken, "t10k-labels-idx1-ubyte: idx: data ends after 1 bytes, want 10"},
		{"-data " + dir + " -model dense -from " + cnn, `weights do not fit the model: extra "conv2d/bias"`},
		{"-data " + dir + " -from " + dir + "/none", "no such file"},
		{"-data " + dir + " -from " + dir + "/t10k-labels-idx1-ubyte", "safetensors"},
		{"-data " + dir + " -resume -weights " + dir + "/none", "no such file"},
		{"-data " + dir + " -weights " + dir + "/none/w", "no such file"},
		{"-data " + dir + " -weights " + dir, "is not a regular file"},
		{"-data " + dir + " -validation 1e-17", "-validation 1e-17 of 20 images leaves 20 to train on and 0 to validate with"},
		{"-data " + dir + " -validation 0.99", "leaves 0 to train on and 20 to validate with"},
		{"-data " + dir + " -model dense -optimizer sgd -rate 1e38 -epochs 5", "try a smaller -rate"},
	} {
		out, errs := lecture(t, exitFailure, strings.Fields("train "+c.args)...)
		if !strings.Contains(errs, c.want) || !strings.HasPrefix(errs, "lecture train: ") || strings.Contains(errs, "usage") {
			t.Errorf("%s: %q, want %q in it", c.args, errs, c.want)
		}
		if strings.Contains(out, "Test") {
			t.Errorf("%s: printed %q", c.args, out)
		}
	}
}

// TestResNet34 trains it on resized images, from the command to the file.
func TestResNet34(t *testing.T) {
	dir := folder(t, bright(4, 28, 28), bright(2, 28, 28))
	path := filepath.Join(t.TempDir(), "r.safetensors")
	args := strings.Fields("-model resnet34 -size 16 -batch 2 -data " + dir + " -weights " + path)
	out, _ := lecture(t, 0, append([]string{"train", "-epochs", "1", "-optimizer", "sgd"}, args...)...)
	if !strings.HasPrefix(out, "ResNet-34, 21") {
		t.Errorf("printed %q", out)
	}
	out, _ = lecture(t, 0, append([]string{"evaluate"}, args...)...)
	if !strings.Contains(out, ": 2 test images\n") {
		t.Errorf("printed %q", out)
	}
}

// TestGoogLeNet trains it with its auxiliary outputs, and predicts without.
func TestGoogLeNet(t *testing.T) {
	dir := folder(t, bright(2, 28, 28), bright(2, 28, 28))
	args := strings.Fields("-model googlenet -size 65 -batch 2 -data " + dir + " -weights " + filepath.Join(t.TempDir(), "g.safetensors"))
	out, _ := lecture(t, 0, append([]string{"train", "-epochs", "1", "-optimizer", "sgd"}, args...)...)
	loss := regexp.MustCompile(`1/1 .* loss: (\S+)( - \w+_loss: \S+){3}\n`).FindStringSubmatch(out)
	if !strings.HasPrefix(out, "GoogLeNet, ") || loss == nil {
		t.Fatalf("printed %q", out)
	}
	// At first every output has a loss of about log(10), and two count 0.3.
	if v := number(t, loss[1]); v < 2.8 || v > 5 {
		t.Errorf("a loss of %v, want about 1.6*log(10)", v)
	}
	out, _ = lecture(t, 0, append([]string{"evaluate"}, args...)...)
	if !strings.Contains(out, ": 2 test images\n") {
		t.Errorf("printed %q", out)
	}
}

// TestLearns trains on trousers and ankle boots alone, which are easily told
// apart, until nearly every test image of the two is right.
func TestLearns(t *testing.T) {
	two := func(part string, n int) *imageSet {
		all, err := load(data.FS, part)
		if err != nil {
			t.Fatal(err)
		}
		s := &imageSet{height: all.height, width: all.width}
		for i, label := range all.labels {
			if name := data.Classes[label]; s.len() < n && (name == "Trouser" || name == "Ankle boot") {
				s.labels = append(s.labels, label)
				s.pixels = append(s.pixels, all.slice(i, i+1).pixels...)
			}
		}
		return s
	}
	var out bytes.Buffer
	tr := training{choice: choice{name: "cnn"}, epochs: 3, batch: 8, seed: 1, optimizer: "adam", schedule: "constant", out: &out, now: time.Now}
	if err := tr.check(); err != nil {
		t.Fatal(err)
	}
	if err := tr.run(context.Background(), two("train", 80), two("t10k", 100)); err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`accuracy: (\S+) - loss: (\S+)`).FindAllStringSubmatch(out.String(), -1)
	if len(lines) != 4 {
		t.Fatalf("%d lines with metrics, want 3 epochs and the test:\n%s", len(lines), &out)
	}
	if first, last := number(t, lines[0][2]), number(t, lines[2][2]); !(last < 0.7*first) {
		t.Errorf("loss went from %v to %v, want it to fall by a third", first, last)
	}
	if accuracy := number(t, lines[3][1]); !(accuracy >= 0.9) {
		t.Errorf("test accuracy %v, want at least 0.9", accuracy)
	}
}
