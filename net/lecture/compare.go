package main

import (
	"context"
	"flag"
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// smallCNN is a convolutional network with fewer weights than any fully
// connected one has in its first layer.
func smallCNN() []net.Layer {
	return []net.Layer{
		net.Input(28, 28, 1),
		net.Conv2D{Filters: 16, KernelSize: 3, Padding: net.Same, Activation: net.ReLU},
		net.MaxPool2D{PoolSize: 2},
		net.Conv2D{Filters: 32, KernelSize: 3, Padding: net.Same, Activation: net.ReLU},
		net.MaxPool2D{PoolSize: 2},
		net.Flatten{},
		net.Dense{Units: classes, Activation: net.Softmax},
	}
}

// A rival is one network of the command fcn-vs-cnn and how it did.
type rival struct {
	name   string
	layers []net.Layer
	color  color.Color

	weights, dense int // dense: of the layers if none of them shared weights
	history        []net.Progress
}

func rivals() []*rival {
	return []*rival{
		{name: "fully connected", layers: models.MNISTDense(), color: orange},
		{name: "small CNN", layers: smallCNN(), color: blue},
		{name: "lecture CNN", layers: models.LectureCNN(), color: green},
	}
}

// compare is the command fcn-vs-cnn.
func compare(ctx context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var images, out string
	var epochs, batch, threads int
	var seed uint64
	dataVar(flags, &images)
	flags.IntVar(&epochs, "epochs", 6, "times to see every training image")
	batchVar(flags, &batch)
	flags.Uint64Var(&seed, "seed", 1, "of the first weights, dropout and shuffling")
	flags.StringVar(&out, "out", "", "draw the test accuracy, epoch by epoch, in this .png or .svg `file`")
	threadsVar(flags, &threads)
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := firstError(atLeast(1, "epochs", epochs, ""), checkBatch(batch), checkThreads(threads)); err != nil {
		return err
	}
	if out != "" && !drawable(out) {
		return usagef("-out is %q, want a name that ends in .png or .svg", out)
	}
	if out != "" {
		if err := writable(out); err != nil {
			return err
		}
	}
	from, err := openStore(images)
	if err != nil {
		return err
	}
	train, err := from.load("train")
	if err != nil {
		return err
	}
	test, err := from.load("t10k")
	if err != nil {
		return err
	}
	all := rivals()
	if _, err := fmt.Fprintf(stdout, "%s, %s, %s\n\n%-16s %10s %24s %15s %14s\n",
		counted(train.len(), "training image"), counted(test.len(), "test image"), counted(epochs, "epoch"), "network", "weights", "without sharing them", "train accuracy", "test accuracy"); err != nil {
		return err
	}
	for _, r := range all {
		if err := r.train(ctx, train, test, epochs, net.Options{Batch: min(batch, train.len()), Seed: seed, Threads: threads}); err != nil {
			return err
		}
		last := r.history[len(r.history)-1]
		if _, err := fmt.Fprintf(stdout, "%-16s %10s %24s %15.4f %14.4f\n", r.name, grouped(r.weights), grouped(r.dense), last.Accuracy, last.ValidationAccuracy); err != nil {
			return err
		}
	}
	if out == "" {
		return nil
	}
	var lines []series
	for _, r := range all {
		s := series{name: fmt.Sprintf("%s, %s weights", r.name, grouped(r.weights)), color: r.color}
		for _, p := range r.history {
			s.points = append(s.points, plotter.XY{X: float64(p.Epoch), Y: p.ValidationAccuracy})
		}
		lines = append(lines, s)
	}
	d, err := diagram("Accuracy on the test images", "epoch", "", lines...)
	if err != nil {
		return err
	}
	d.X.Tick.Marker, d.Legend.Top = wholeTicks{}, false
	return save(out, 6.4*vg.Inch, 4.4*vg.Inch, d)
}

// train trains the rival with Adam.
func (r *rival) train(ctx context.Context, train, test *imageSet, epochs int, o net.Options) error {
	m, err := net.Sequential(r.layers...)
	if err != nil {
		return err
	}
	if err := checkRoom(m, o.Batch, true, freeMemory()); err != nil {
		return err
	}
	if err := m.Compile(net.Adam{}, net.SparseCategoricalCrossentropy{}, o); err != nil {
		return err
	}
	if r.weights, r.dense, err = sharing(r.layers); err != nil {
		return err
	}
	r.history, err = m.Fit(train.dataset(ctx, m.InputShape()), net.FitOptions{
		Epochs: epochs, Validation: test.dataset(ctx, m.InputShape()),
		Callbacks: []net.Callback{net.CallbackFuncs{Batch: func(net.Progress) error {
			if ctx.Err() != nil {
				return errInterrupted
			}
			return nil
		}}},
	})
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// sharing returns how many weights layers have, and how many they would have
// if every convolution were a fully connected layer between the same maps: a
// weight for each pair of values and a bias for each output.
func sharing(layers []net.Layer) (weights, dense int, err error) {
	g := net.NewGraph()
	var v net.Value
	for i, l := range layers {
		if i == 0 {
			v = g.Apply(l)
			continue
		}
		in := v.Shape()
		v = g.Apply(l, v)
		if _, err := g.Output(v); err != nil {
			return 0, 0, err
		}
		out := v.Shape()
		switch l := l.(type) {
		case net.Conv2D:
			weights += l.KernelSize*l.KernelSize*in[2]*l.Filters + l.Filters
			dense += in.Len()*out.Len() + out.Len()
		case net.Dense:
			n := in.Len()*l.Units + l.Units
			weights, dense = weights+n, dense+n
		}
	}
	return weights, dense, nil
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
