package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/net"
)

// A slide is one of the lecture's calculations: a filter, or a pooling, on a
// square image.
type slide struct {
	title    string
	channels int
	image    []float32 // rows of pixels, each with its channels; side x side
	padding  int
	filter   []float32 // likewise
	bias     float32
	stride   int
	pool     net.Layer // instead of a filter
	note     string
}

// scribble is the slides' drawing: a line that falls to the right.
var scribble = []float32{10, 0, 0, 0, 10, 0, 0, 0, 10}

// colours is the top left corner of the slides' picture, red, green and blue of
// one pixel after the other.
var colours = []float32{
	156, 167, 163, 155, 166, 162, 156, 167, 163, 158, 169, 165, 158, 169, 165,
	153, 164, 160, 154, 165, 161, 157, 168, 164, 159, 170, 166, 159, 170, 166,
	149, 160, 156, 151, 162, 158, 155, 166, 162, 158, 169, 165, 159, 170, 166,
	146, 156, 155, 146, 156, 155, 149, 159, 158, 153, 163, 162, 158, 168, 167,
	145, 155, 154, 143, 153, 152, 143, 153, 152, 148, 158, 157, 158, 168, 167,
}

var slides = []slide{
	{title: "a convolution: 4 is the sum of the products in the corner", channels: 1, stride: 1,
		image: []float32{
			1, 1, 1, 0, 0,
			0, 1, 1, 1, 0,
			0, 0, 1, 1, 1,
			0, 0, 1, 1, 0,
			0, 1, 1, 0, 0,
		},
		filter: []float32{1, 0, 1, 0, 1, 0, 1, 0, 1}},
	{title: "a filter for lines that fall finds one", channels: 1, image: scribble, filter: []float32{10, 0, 0, 10}, stride: 1},
	{title: "a filter for lines that rise finds none", channels: 1, image: scribble, filter: []float32{0, 5, 3, 0}, stride: 1},
	{title: "nor does one for horizontal lines", channels: 1, image: scribble, filter: []float32{2, 6, 0, 0}, stride: 1},
	{title: "falling, with a bias: the feature map, input of the next layer", channels: 1, image: scribble, filter: []float32{10, 0, 0, 10}, bias: 20, stride: 1},
	{title: "rising, with a bias", channels: 1, image: scribble, filter: []float32{0, 5, 3, 0}, bias: 10, stride: 1},
	{title: "horizontal, with a bias", channels: 1, image: scribble, filter: []float32{2, 6, 0, 0}, bias: 20, stride: 1},
	{title: "padding: a line that falls, from a filter for lines that rise", channels: 1, image: scribble, padding: 1, filter: []float32{0, 1, 1, 0}, bias: 10, stride: 1},
	{title: "striding", channels: 1, image: scribble, padding: 1, filter: []float32{0, 1, 1, 0}, stride: 3},
	{title: "max pooling", channels: 1, image: scribble, padding: 1, stride: 3, pool: net.MaxPool2D{PoolSize: 2, Strides: 3}},
	{title: "average pooling", channels: 1, image: scribble, padding: 1, stride: 3, pool: net.AvgPool2D{PoolSize: 2, Strides: 3}},
	{title: "three channels, one filter", channels: 3, image: colours, padding: 1, bias: 1, stride: 1,
		filter: []float32{
			-1, 1, 0, -1, 0, 1, 1, 0, 1,
			0, 1, 0, 1, -1, 1, -1, -1, 0,
			0, 1, 1, 1, 0, -1, 1, -1, 1,
		},
		note: "at the top left 308 from red, -498 from green, 164 from blue and the bias of 1"},
}

// showSlides is the command slides.
func showSlides(_ context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	for _, s := range slides {
		y, size, err := s.calculate()
		if err != nil {
			return err
		}
		if _, err := io.WriteString(stdout, s.text(y, size)); err != nil {
			return err
		}
	}
	return nil
}

// calculate returns the map and its side.
func (s *slide) calculate() ([]float32, int, error) {
	side := s.side(len(s.image))
	layer := s.pool
	if layer == nil {
		layer = net.Conv2D{Name: "conv2d", Filters: 1, KernelSize: s.side(len(s.filter)), Strides: s.stride}
	}
	model, err := net.Sequential(net.Input(side, side, s.channels), net.ZeroPadding2D{Padding: []int{s.padding}}, layer)
	if err != nil {
		return nil, 0, err
	}
	if s.pool == nil {
		if err := model.Param("conv2d/kernel").Set(s.filter); err != nil {
			return nil, 0, err
		}
		if err := model.Param("conv2d/bias").Set([]float32{s.bias}); err != nil {
			return nil, 0, err
		}
	}
	if err := model.Compile(nil, nil, net.Options{Batch: 1}); err != nil {
		return nil, 0, err
	}
	y := make([]float32, model.OutputShape().Len())
	return y, model.OutputShape()[0], model.Predict(y, s.image)
}

// side returns the side of a square of so many values.
func (s *slide) side(values int) int {
	n := 1
	for n*n*s.channels < values {
		n++
	}
	return n
}

// text draws the calculation.
func (s *slide) text(y []float32, size int) string {
	l, f := s.side(len(s.image)), 2
	if s.pool == nil {
		f = s.side(len(s.filter))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  L = %d, P = %d, F = %d, S = %d: O = (%d + 2*%d - %d)/%d + 1 = %d", s.title, l, s.padding, f, s.stride, l, s.padding, f, s.stride, size)
	if s.bias != 0 {
		fmt.Fprintf(&b, "; bias %v", s.bias)
	}
	b.WriteString("\n\n")
	columns := [][]string{}
	for c := range s.channels {
		columns = append(columns, grid(s.image, l, s.channels, c))
	}
	if s.pool == nil {
		columns = append(columns, []string{"*"})
		for c := range s.channels {
			columns = append(columns, grid(s.filter, f, s.channels, c))
		}
	}
	columns = append(columns, []string{"="}, grid(y, size, 1, 0))
	b.WriteString(beside(columns))
	if s.note != "" {
		b.WriteString("  " + s.note + "\n")
	}
	b.WriteByte('\n')
	return b.String()
}

// grid writes channel c of a square map, one line a row.
func grid(x []float32, side, channels, c int) []string {
	texts, width := make([]string, side*side), 0
	for i := range texts {
		texts[i] = strconv.FormatFloat(float64(x[i*channels+c]), 'g', -1, 32)
		width = max(width, len(texts[i]))
	}
	lines := make([]string, side)
	for i, t := range texts {
		lines[i/side] += fmt.Sprintf(" %*s", width, t)
	}
	return lines
}

// beside puts columns of lines beside one another.
func beside(columns [][]string) string {
	height := 0
	for _, c := range columns {
		height = max(height, len(c))
	}
	var b strings.Builder
	for i := range height {
		line := " "
		for _, c := range columns {
			t := ""
			if i < len(c) {
				t = c[i]
			}
			line += fmt.Sprintf(" %-*s ", len(c[0]), t)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
