package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"

	"github.com/simdconv/simdconv/net"
)

// predict is the command predict.
func predict(_ context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var c choice
	var images, weights string
	var invert bool
	var threads int
	c.define(flags)
	dataVar(flags, &images)
	flags.Lookup("data").Usage = "the images the network was trained on, whose classes are named: clothes\nfor embedded and fashion-mnist, else digits"
	flags.StringVar(&weights, "weights", "", "the `file` with the trained weights (needed)")
	flags.BoolVar(&invert, "invert", false, "the image is dark on light; the data sets are light on dark")
	threadsVar(flags, &threads)
	files, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if err := firstError(c.check(), needed("weights", weights), checkThreads(threads)); err != nil {
		return err
	}
	if len(files) == 0 {
		return usagef("no image, want the name of a PNG or JPEG file")
	}
	picture, err := readPicture(files[0], invert)
	if err != nil {
		return err
	}
	model, err := c.trained(weights, net.Options{Batch: 1, Threads: threads})
	if err != nil {
		return err
	}
	in := model.InputShape()
	x := make([]float32, in.Len())
	newConverter(in, picture.Rect.Dy(), picture.Rect.Dx()).convert(x, picture.Pix)
	p := make([]float32, classes)
	if err := model.Predict(p, x); err != nil {
		return err
	}
	return printClasses(stdout, p, classNames(images))
}

var errNotNumbers = errors.New("the network's output is not a number: its weights are broken")

// printClasses writes the classes and their probabilities, best first.
func printClasses(w io.Writer, p []float32, names []string) error {
	order := make([]int, len(p))
	width := 0
	for i := range order {
		if p[i] != p[i] {
			return errNotNumbers
		}
		order[i] = i
		width = max(width, len(names[i]))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	for _, i := range order {
		if _, err := fmt.Fprintf(w, "%-*s  %.4f\n", width, names[i], p[i]); err != nil {
			return err
		}
	}
	return nil
}
