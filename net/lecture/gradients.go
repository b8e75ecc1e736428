package main

import (
	"context"
	"flag"
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/simdconv/simdconv/net"
)

// gradients is the command gradients.
func gradients(ctx context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var images, out string
	var size, batch, threads int
	var seed uint64
	dataVar(flags, &images)
	flags.StringVar(&out, "out", "gradients.png", "the .png or .svg `file` to draw to")
	flags.IntVar(&size, "size", 64, "height and width that images are brought to")
	flags.IntVar(&batch, "batch", 16, "images to take gradients of")
	flags.Uint64Var(&seed, "seed", 1, "of the weights")
	threadsVar(flags, &threads)
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := firstError(checkSize(size), checkBatch(batch), checkThreads(threads)); err != nil {
		return err
	}
	if !drawable(out) {
		return usagef("-out is %q, want a name that ends in .png or .svg", out)
	}
	if err := writable(out); err != nil {
		return err
	}
	from, err := openStore(images)
	if err != nil {
		return err
	}
	set, err := from.load("train")
	if err != nil {
		return err
	}
	if batch > set.len() {
		return usagef("-batch is %d, want at most the %d of -data %s", batch, set.len(), images)
	}
	largest, err := (&deepNetwork{shortcuts: true, normalise: true}).build(size, size, 3)
	if err != nil {
		return err
	}
	if err := checkRoom(largest, batch, true, freeMemory()); err != nil {
		return err
	}
	networks := deepNetworks()
	if err := abandoning(ctx, func() error { return measureGradients(ctx, networks, set.slice(0, batch), size, seed, threads) }); err != nil {
		return err
	}
	if err := drawGradients(out, networks); err != nil {
		return err
	}
	return printGradients(stdout, networks, out)
}

// abandoning runs f and returns its error. When ctx ends f is left to itself, as a
// program that ends may do: a step of many images takes minutes.
func abandoning(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errInterrupted
	}
}

// measureGradients takes one step of each network with all images of a set.
func measureGradients(ctx context.Context, networks []*deepNetwork, set *imageSet, size int, seed uint64, threads int) error {
	in := net.Shape{size, size, 3}
	x, labels, numbers := make([]float32, set.len()*in.Len()), make([]uint8, set.len()), make([]int, set.len())
	for i := range numbers {
		numbers[i] = i
	}
	set.gather(newConverter(in, set.height, set.width), x, labels, numbers)
	for _, d := range networks {
		if ctx.Err() != nil {
			return errInterrupted
		}
		m, err := d.build(size, size, 3)
		if err != nil {
			return err
		}
		err = m.Compile(net.SGD{}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: set.len(), Seed: seed, Threads: threads})
		if err != nil {
			return err
		}
		if _, _, err := m.TrainStep(x, labels); err != nil {
			return err
		}
	}
	return nil
}

// deepNetworks are those that the command compares: what shortcuts do alone,
// and what they do in ResNet-34.
func deepNetworks() []*deepNetwork {
	return []*deepNetwork{
		{name: "plain"},
		{name: "with shortcuts", shortcuts: true},
		{name: "plain, normalised", normalise: true},
		{name: "ResNet-34", normalise: true, shortcuts: true},
		{name: "ResNet-34 with F = 0: the 1 alone", normalise: true, shortcuts: true, idle: true},
	}
}

// drawGradients draws the networks without normalisation, and beside them the
// others.
func drawGradients(path string, networks []*deepNetwork) error {
	colors := []color.Color{orange, blue, orange, blue, green}
	var lines []series
	for i, d := range networks {
		lines = append(lines, numbered(d.name, d.relative(), colors[i]))
	}
	alone, err := logDiagram("34 layers without normalisation", lines[:2])
	if err != nil {
		return err
	}
	res, err := logDiagram("34 layers with batch normalisation", lines[2:])
	if err != nil {
		return err
	}
	return save(path, 6*vg.Inch, 4.4*vg.Inch, alone, res)
}

// numbered returns the values as a line over 0, 1, 2. A logarithm has no place
// for zeros.
func numbered(name string, values []float64, c color.Color) series {
	s := series{name: name, color: c}
	for i, v := range values {
		if v > 0 && !math.IsInf(v, 0) {
			s.points = append(s.points, plotter.XY{X: float64(i), Y: v})
		}
	}
	return s
}

func logDiagram(title string, lines []series) (*plot.Plot, error) {
	d, err := diagram(title, "units passed, from the image on", "|dE/dx| relative to the last", lines...)
	if err != nil {
		return nil, err
	}
	d.X.Tick.Marker = wholeTicks{}
	d.Y.Scale, d.Y.Tick.Marker = plot.LogScale{}, decades{}
	// Whole powers of ten, and room above the lines.
	d.Y.Min = math.Pow(10, math.Floor(math.Log10(d.Y.Min)))
	d.Y.Max = math.Pow(10, math.Floor(math.Log10(d.Y.Max))+1)
	return d, nil
}

// printGradients writes the ends of the lines.
func printGradients(w io.Writer, networks []*deepNetwork, path string) error {
	if _, err := fmt.Fprintln(w, "gradient |dE/dx| before the first of 16 units, relative to that behind the last:"); err != nil {
		return err
	}
	for _, d := range networks {
		if _, err := fmt.Fprintf(w, "  %-34s %10.3g\n", d.name, d.relative()[0]); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "All units are in %s\n", path)
	return err
}
