package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/lecture/data"
	"github.com/simdconv/simdconv/net/models"
)

// imageNetSize is the height and width of the images that the networks of
// keras.applications were trained on.
const imageNetSize = 224

// pretrained are the networks that classify knows. All of them take images
// prepared by models.Caffe.
var pretrained = []struct {
	name string
	load func(weights string, classes int) (*net.Model, error)
}{
	{"resnet50", application(models.ResNet50)},
	{"resnet101", application(models.ResNet101)},
	{"resnet152", application(models.ResNet152)},
	{"vgg16", plain(models.VGG16)},
	{"vgg19", plain(models.VGG19)},
}

func plain(layers func(height, width, channels, classes int) []net.Layer) func(string, int) (*net.Model, error) {
	return func(weights string, classes int) (*net.Model, error) {
		m, err := net.Sequential(layers(imageNetSize, imageNetSize, 3, classes)...)
		if err != nil {
			return nil, err
		}
		return m, m.LoadWeights(weights)
	}
}

func application(build func(...models.Option) (*net.Model, error)) func(string, int) (*net.Model, error) {
	return func(weights string, classes int) (*net.Model, error) {
		return build(models.Weights(weights), models.Classes(classes))
	}
}

// classify is the command classify.
func classify(_ context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var name, weights, classesFile string
	var top, threads int
	var names []string
	for _, p := range pretrained {
		names = append(names, p.name)
	}
	known := strings.Join(names, ", ")
	flags.StringVar(&name, "model", names[0], "the network: "+known)
	flags.StringVar(&weights, "weights", "", "the `file` with the trained weights (needed): of Keras (.h5, .weights.h5) or safetensors")
	flags.StringVar(&classesFile, "classes", "", "a text `file` with the name of a class in each line; empty means ImageNet's")
	flags.IntVar(&top, "top", 5, "how many classes to print")
	threadsVar(flags, &threads)
	files, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if err := firstError(needed("weights", weights), atLeast(1, "top", top, ""), checkThreads(threads)); err != nil {
		return err
	}
	if len(files) == 0 {
		return usagef("no image, want the name of a PNG or JPEG file")
	}
	i := slices.Index(names, name)
	if i < 0 {
		return usagef("-model is %q, want %s", name, known)
	}
	classes := data.ImageNet()
	if classesFile != "" {
		if classes, err = readClasses(classesFile); err != nil {
			return err
		}
	}
	picture, err := decodePicture(files[0])
	if err != nil {
		return err
	}
	model, err := pretrained[i].load(weights, len(classes))
	if err != nil {
		return err
	}
	if err := model.Compile(nil, nil, net.Options{Batch: 1, Threads: threads}); err != nil {
		return err
	}
	x := pixels(picture, imageNetSize)
	models.Caffe(x)
	p := make([]float32, len(classes))
	if err := model.Predict(p, x); err != nil {
		return err
	}
	return printBest(stdout, p, classes, top)
}

// pixels squeezes a picture to size x size, on white where it is transparent,
// and returns its RGB values, whole numbers from 0 to 255.
func pixels(picture image.Image, size int) []float32 {
	// 16 bits, as what is drawn to 8 is rounded down.
	square := image.NewRGBA64(image.Rect(0, 0, size, size))
	draw.Draw(square, square.Rect, image.White, image.Point{}, draw.Src)
	draw.BiLinear.Scale(square, square.Rect, picture, picture.Bounds(), draw.Over, nil)
	x := make([]float32, 0, size*size*3)
	for i := 0; i < len(square.Pix); i += 8 {
		for c := range 3 {
			v := binary.BigEndian.Uint16(square.Pix[i+2*c:])
			x = append(x, float32((uint32(v)+128)/257))
		}
	}
	return x
}

// maxClasses bounds the bytes of a file of names.
const maxClasses = 1 << 20

// readClasses reads the names of classes, one a line.
func readClasses(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxClasses+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxClasses {
		return nil, fmt.Errorf("%s: more than %d bytes, want the name of a class in each line", path, maxClasses)
	}
	names := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")), "\n")
	if len(names) < 2 {
		return nil, fmt.Errorf("%s: %d line, want the name of a class in each of at least 2", path, len(names))
	}
	return names, nil
}

// printBest writes the best classes, their probabilities first.
func printBest(w io.Writer, p []float32, names []string, top int) error {
	order := make([]int, len(p))
	for i := range order {
		if p[i] != p[i] {
			return errors.New("the network's output is not a number: its weights are broken")
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	for _, i := range order[:min(top, len(order))] {
		if _, err := fmt.Fprintf(w, "%.4f  %3d  %s\n", p[i], i, names[i]); err != nil {
			return err
		}
	}
	return nil
}
