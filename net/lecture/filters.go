package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"io"

	"github.com/simdconv/simdconv/net"
)

// filterSize is the height and width of every kernel of the command filters:
// smaller ones are in its middle, and zero around.
const filterSize = 7

// A filter is a kernel set by hand, and which values become black and white.
type filter struct {
	title  string
	kernel [][]float32
	lo, hi float32
}

// filters are the lecture's, and some of their relatives.
var filters = []filter{
	{"blur: neighbours are mixed", blur(), 0, 1},
	{"edges: 8 at the centre, -1 around", [][]float32{{-1, -1, -1}, {-1, 8, -1}, {-1, -1, -1}}, 0, 1},
	{"sharper: the picture and its edges", [][]float32{{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}}, 0, 1},
	{"horizontal edges (Sobel)", [][]float32{{-1, -2, -1}, {0, 0, 0}, {1, 2, 1}}, -2, 2},
	{"vertical edges (Sobel)", [][]float32{{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}}, -2, 2},
}

// blur is the slides' table, divided by its sum.
func blur() [][]float32 {
	table := [][]float32{
		{0, 0, 0, 5, 0, 0, 0},
		{0, 5, 18, 32, 18, 5, 0},
		{0, 18, 64, 100, 64, 18, 0},
		{5, 32, 100, 100, 100, 32, 5},
		{0, 18, 64, 100, 64, 18, 0},
		{0, 5, 18, 32, 18, 5, 0},
		{0, 0, 0, 5, 0, 0, 0},
	}
	var sum float32
	for _, row := range table {
		for _, v := range row {
			sum += v
		}
	}
	for _, row := range table {
		for i := range row {
			row[i] /= sum
		}
	}
	return table
}

// showFilters is the command filters.
func showFilters(_ context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var out string
	var size, threads int
	pngVar(flags, &out, "filters.png")
	flags.IntVar(&size, "size", 360, "most pixels of height and width; a larger image is shrunk")
	threadsVar(flags, &threads)
	files, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if err := firstError(checkPNG(out), checkThreads(threads), checkSize(size)); err != nil {
		return err
	}
	if len(files) == 0 {
		return usagef("no image, want the name of a PNG or JPEG file")
	}
	if err := writable(out); err != nil {
		return err
	}
	picture, err := readPicture(files[0], false)
	if err != nil {
		return err
	}
	h, w := within(picture.Rect, size)
	picture = resized(picture, h, w)
	maps, err := filtered(picture, threads)
	if err != nil {
		return err
	}
	s := sheet{rows: []sheetRow{{tiles: []tile{{"the image", picture}}}, {}}}
	for k, f := range filters {
		r := &s.rows[(k+1)/3]
		r.tiles = append(r.tiles, tile{f.title, grey(maps[k], h, w, f.lo, f.hi)})
	}
	sheet, err := s.draw()
	if err != nil {
		return err
	}
	if err := savePNG(out, sheet); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%d filters of %dx%d pixels are in %s\n", len(filters), h, w, out)
	return err
}

// filtered returns what a convolution with the filters makes of a picture,
// whose values it takes from 0 to 1, filter by filter.
func filtered(picture *image.Gray, threads int) ([][]float32, error) {
	h, w := picture.Rect.Dy(), picture.Rect.Dx()
	model, err := net.Sequential(
		net.Input(h, w, 1),
		net.Conv2D{Filters: len(filters), KernelSize: filterSize, Padding: net.Same, NoBias: true, KernelInitializer: net.Zeros{}},
	)
	if err != nil {
		return nil, err
	}
	kernel := model.Param("conv2d/kernel")
	for k, f := range filters {
		from := (filterSize - len(f.kernel)) / 2
		for r, row := range f.kernel {
			for s, v := range row {
				kernel.Data[((from+r)*filterSize+from+s)*len(filters)+k] = v
			}
		}
	}
	kernel.Changed()
	if err := model.Compile(nil, nil, net.Options{Batch: 1, Threads: threads}); err != nil {
		return nil, err
	}
	x, y := make([]float32, h*w), make([]float32, h*w*len(filters))
	newConverter(model.InputShape(), h, w).convert(x, picture.Pix)
	if err := model.Predict(y, x); err != nil {
		return nil, err
	}
	return channels(y, len(filters)), nil
}

// channels returns the maps of one sample one by one.
func channels(y []float32, n int) [][]float32 {
	maps := make([][]float32, n)
	for i, v := range y {
		maps[i%n] = append(maps[i%n], v)
	}
	return maps
}

func pngVar(flags *flag.FlagSet, p *string, def string) {
	flags.StringVar(p, "out", def, "the `file` to draw to")
}

func checkPNG(path string) error {
	if extension(path) != ".png" {
		return usagef("-out is %q, want a name that ends in .png", path)
	}
	return nil
}

func checkSize(n int) error {
	if n < 1 || n > maxSize {
		return usagef("-size is %d, want 1 to %d", n, maxSize)
	}
	return nil
}
