package models

import (
	"fmt"

	"github.com/simdconv/simdconv/net"
)

// An InceptionModule looks at a map with windows of several sizes at once and
// joins what they see along the channels, so that training picks the ones to
// use; convolutions of 1x1 before the large windows keep the cost down
// (Szegedy et al., "Going deeper with convolutions", CVPR 2015, figure 2b):
//
//	x ─┬─ conv 1x1 ────────────┐
//	   ├─ conv 1x1 ─ conv 3x3 ─┤
//	   ├─ conv 1x1 ─ conv 5x5 ─┼─ concatenate ─ y
//	   └─ max 3x3 ── conv 1x1 ─┘
//
// Every convolution is padded to keep the size and ends in a ReLU. The fields
// are numbers of filters, as the columns of the paper's table 1.
type InceptionModule struct {
	Name string // empty means inception_module, numbered

	Conv1, Reduce3, Conv3, Reduce5, Conv5, Pool int
}

// Build adds the layers, branch by branch.
func (u InceptionModule) Build(b *net.Builder, inputs ...net.Value) (net.Value, error) {
	name, err := b.Name("inception_module", u.Name)
	if err != nil {
		return net.Value{}, err
	}
	if len(inputs) != 1 {
		return net.Value{}, fmt.Errorf("models: %s: %d inputs, want 1", name, len(inputs))
	}
	g, x := b.Graph(), inputs[0]
	one := g.Apply(reluConv2D(u.Conv1, 1), x)
	three := g.Apply(reluConv2D(u.Conv3, 3), g.Apply(reluConv2D(u.Reduce3, 1), x))
	five := g.Apply(reluConv2D(u.Conv5, 5), g.Apply(reluConv2D(u.Reduce5, 1), x))
	pool := g.Apply(reluConv2D(u.Pool, 1), g.Apply(net.MaxPool2D{PoolSize: 3, Strides: 1, Padding: net.Same}, x))
	return g.Output(g.Apply(net.Concat{}, one, three, five, pool))
}

func reluConv2D(filters, size int) net.Conv2D {
	return net.Conv2D{Filters: filters, KernelSize: size, Padding: net.Same, Activation: net.ReLU}
}
