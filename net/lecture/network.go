package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// classes is how many classes the networks tell apart.
const classes = 10

// A network is one of the lecture's.
type network struct {
	name, title string
	size        int // of the images where -size is not given; 0 if it cannot be
	layers      func(size int) []net.Layer
	graph       func(size int) (*net.Model, error) // instead of layers
	lossWeights []float64                          // of a graph's outputs
}

var networks = []network{
	{name: "cnn", title: "lecture CNN", layers: func(int) []net.Layer { return models.LectureCNN() }},
	{name: "dense", title: "dense network", layers: func(int) []net.Layer { return models.MNISTDense() }},
	{name: "resnet34", title: "ResNet-34", size: 224, layers: func(size int) []net.Layer { return models.ResNet34(size, size, 3, classes) }},
	{name: "alexnet", title: "AlexNet", size: 227, layers: func(size int) []net.Layer { return models.AlexNet(size, size, 3, classes) }},
	{name: "googlenet", title: "GoogLeNet", size: 224, lossWeights: models.GoogLeNetLossWeights(),
		graph: func(size int) (*net.Model, error) { return models.GoogLeNet(size, size, 3, classes) }},
	{name: "vgg16", title: "VGG-16", size: 224, layers: func(size int) []net.Layer { return models.VGG16(size, size, 3, classes) }},
	{name: "vgg19", title: "VGG-19", size: 224, layers: func(size int) []net.Layer { return models.VGG19(size, size, 3, classes) }},
	{name: "resnet50", title: "ResNet-50", size: 224, graph: residual(models.ResNet50)},
	{name: "resnet101", title: "ResNet-101", size: 224, graph: residual(models.ResNet101)},
	{name: "resnet152", title: "ResNet-152", size: 224, graph: residual(models.ResNet152)},
}

func residual(build func(...models.Option) (*net.Model, error)) func(size int) (*net.Model, error) {
	return func(size int) (*net.Model, error) {
		return build(models.InputSize(size, size), models.Classes(classes))
	}
}

// maxSize bounds -size, so that a typing error is not a request for a terabyte.
const maxSize = 1024

// A choice is the network that a command line asks for.
type choice struct {
	name string
	size int
	network
}

func (c *choice) define(flags *flag.FlagSet) {
	flags.StringVar(&c.name, "model", networks[0].name, "the network: "+networkNames())
	flags.IntVar(&c.size, "size", 0, "height and width that images are brought to, where the network takes any; 0 means 227\nfor alexnet and 224 for the others")
}

// check looks the network up.
func (c *choice) check() error {
	for _, n := range networks {
		if n.name == c.name {
			c.network = n
		}
	}
	switch {
	case c.title == "":
		return usagef("-model is %q, want %s", c.name, networkNames())
	case c.size < 0 || c.size > maxSize:
		return usagef("-size is %d, want 1 to %d, or 0 for the network's own", c.size, maxSize)
	case c.size > 0 && c.network.size == 0:
		return usagef("-size is %d, but %s takes images of 28x28 only", c.size, c.name)
	}
	return nil
}

func networkNames() string {
	var names []string
	for _, n := range networks {
		names = append(names, n.name)
	}
	return strings.Join(names, ", ")
}

// build returns the model, without weights.
func (c *choice) build() (*net.Model, error) {
	size := c.size
	if size == 0 {
		size = c.network.size
	}
	if c.graph != nil {
		return c.graph(size)
	}
	return net.Sequential(c.layers(size)...)
}

// trained returns the model, ready to predict with the weights of a file.
func (c *choice) trained(weights string, o net.Options) (*net.Model, error) {
	model, err := c.build()
	if err != nil {
		return nil, err
	}
	if err := model.LoadWeights(weights); err != nil {
		return nil, err
	}
	if err := checkRoom(model, o.Batch, false, freeMemory()); err != nil {
		return nil, err
	}
	return model, model.Compile(nil, nil, o)
}

// parse parses flags, among which there may be up to n other arguments.
func parse(flags *flag.FlagSet, args []string, n int) ([]string, error) {
	var others []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, usageError{err}
		}
		if args = flags.Args(); len(args) == 0 {
			return others, nil
		}
		if len(others) == n {
			return nil, usagef("unexpected argument %q", args[0])
		}
		others, args = append(others, args[0]), args[1:]
	}
}

// atLeast reports a flag below its least value.
func atLeast(least int, name string, value int, otherwise string) error {
	if value < least {
		return usagef("-%s is %d, want at least 1%s", name, value, otherwise)
	}
	return nil
}

func threadsVar(flags *flag.FlagSet, p *int) {
	flags.IntVar(p, "threads", 0, "most threads to use; 0 means all")
}

func checkThreads(n int) error { return atLeast(0, "threads", n, ", or 0 for all") }

func batchVar(flags *flag.FlagSet, p *int) { flags.IntVar(p, "batch", 32, "images per step") }

func checkBatch(n int) error { return atLeast(1, "batch", n, "") }

// header says what a command is about to run.
func (c *choice) header(m *net.Model, tier fmt.Stringer) string {
	return fmt.Sprintf("%s, %d weights, on %v", c.title, m.Size(), tier)
}
