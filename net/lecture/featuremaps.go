package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"io"
	"math"
	"slices"

	"github.com/simdconv/simdconv/net"
)

// featuremaps is the command featuremaps.
func featuremaps(_ context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var c choice
	var images, weights, out string
	var invert bool
	var most, threads int
	c.define(flags)
	dataVar(flags, &images)
	flags.Lookup("data").Usage = "the images the network was trained on, whose classes are named: clothes\nfor embedded and fashion-mnist, else digits"
	flags.StringVar(&weights, "weights", "", "the `file` with the trained weights (needed)")
	flags.BoolVar(&invert, "invert", false, "the image is dark on light; the data sets are light on dark")
	flags.IntVar(&most, "channels", 16, "most channels of a layer to show")
	pngVar(flags, &out, "featuremaps.png")
	threadsVar(flags, &threads)
	files, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if err := firstError(c.check(), needed("weights", weights), atLeast(1, "channels", most, ""), checkPNG(out), checkThreads(threads)); err != nil {
		return err
	}
	if c.layers == nil {
		return usagef("-model is %q, whose layers do not just follow one another: want another", c.name)
	}
	if len(files) == 0 {
		return usagef("no image, want the name of a PNG or JPEG file")
	}
	if err := writable(out); err != nil {
		return err
	}
	picture, err := readPicture(files[0], invert)
	if err != nil {
		return err
	}
	seen, err := c.look(picture, weights, threads)
	if err != nil {
		return err
	}
	if len(seen.layers) == 0 {
		return fmt.Errorf("%s has no layer with maps to show", c.name)
	}
	s, err := seen.sheet(most, classNames(images))
	if err != nil {
		return err
	}
	if err := savePNG(out, s); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "what %d layers see is in %s\n", len(seen.layers), out)
	return err
}

// A view is what the layers of a network see in an image.
type view struct {
	x      []float32
	in     net.Shape
	layers []layerView
	p      []float32 // of the classes
}

type layerView struct {
	name  string
	shape net.Shape // of a map
	y     []float32
}

// look runs a network whose every map is an output.
func (c *choice) look(picture *image.Gray, weights string, threads int) (*view, error) {
	size := c.size
	if size == 0 {
		size = c.network.size
	}
	g := net.NewGraph()
	var v net.Value
	var maps []net.Value
	var names []string
	for i, l := range c.layers(size) {
		if i == 0 {
			v = g.Apply(l)
			continue
		}
		v = g.Apply(l, v)
		if len(v.Shape()) == 3 {
			maps, names = append(maps, v), append(names, layerName(l))
		}
	}
	model, err := g.Model(v, maps...)
	if err != nil {
		return nil, err
	}
	if err := model.LoadWeights(weights); err != nil {
		return nil, err
	}
	if err := model.Compile(nil, nil, net.Options{Batch: 1, Threads: threads}); err != nil {
		return nil, err
	}
	in := model.InputShape()
	seen := &view{in: in, x: make([]float32, in.Len())}
	newConverter(in, picture.Rect.Dy(), picture.Rect.Dx()).convert(seen.x, picture.Pix)
	var outs [][]float32
	for _, s := range model.OutputShapes() {
		outs = append(outs, make([]float32, s.Len()))
	}
	if err := model.PredictOutputs(outs, seen.x); err != nil {
		return nil, err
	}
	if seen.p = outs[0]; slices.ContainsFunc(seen.p, func(p float32) bool { return p != p }) {
		return nil, errNotNumbers
	}
	for i, name := range names {
		seen.layers = append(seen.layers, layerView{name, model.OutputShapes()[i+1], outs[i+1]})
	}
	return seen, nil
}

// layerName says what a layer does.
func layerName(l net.Layer) string {
	switch l := l.(type) {
	case net.Conv2D:
		return fmt.Sprintf("convolution %dx%d", l.KernelSize, l.KernelSize)
	case net.MaxPool2D:
		return "max pooling"
	case net.BatchNormalization:
		return "normalisation"
	case net.LocalResponseNormalization:
		return "local response"
	case net.Activation:
		return l.String()
	}
	return "residual unit"
}

// tileSide is about how many pixels a map is brought to.
const tileSide = 72

// sheet draws a row for each layer, of some channels that are spread evenly
// among all. Black is a map's least value, white its largest.
func (v *view) sheet(most int, names []string) (image.Image, error) {
	h, w := v.in[0], v.in[1]
	s := sheet{margin: 150}
	first := make([]float32, h*w) // grey in every channel
	for i := range first {
		first[i] = v.x[i*(len(v.x)/(h*w))]
	}
	s.rows = append(s.rows, sheetRow{[]string{"input", fmt.Sprintf("%dx%d", h, w)}, []tile{{"", side(grey(first, h, w, 0, 1))}}})
	for _, l := range v.layers {
		c := l.shape[2]
		maps := channels(l.y, c)
		row := sheetRow{words: []string{l.name, l.shape.String()}}
		n := min(most, c)
		for i := range n {
			m := maps[i*c/n]
			row.tiles = append(row.tiles, tile{"", side(grey(m, l.shape[0], l.shape[1], slices.Min(m), slices.Max(m)))})
		}
		s.rows = append(s.rows, row)
	}
	best := argmax(v.p)
	s.footer = []string{fmt.Sprintf("%s, with a probability of %.2f", names[best], math.Round(100*float64(v.p[best]))/100)}
	return s.draw()
}

// side brings a map to a multiple of its size that is about tileSide, or
// shrinks it.
func side(p *image.Gray) *image.Gray {
	long := max(p.Rect.Dx(), p.Rect.Dy())
	if long > tileSide {
		h, w := within(p.Rect, tileSide)
		return resized(p, h, w)
	}
	k := max(1, tileSide/long)
	return resized(p, k*p.Rect.Dy(), k*p.Rect.Dx())
}
