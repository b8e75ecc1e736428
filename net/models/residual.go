package models

import (
	"fmt"

	"github.com/simdconv/simdconv/net"
)

// A ResidualUnit adds what its layers make of a map to the map itself,
//
//	y = activation(main(x) + skip(x))
//
//	x ─┬─ conv 3x3 ─ BN ─ activation ─ conv 3x3 ─ BN ─ + ─ activation ─ y
//	   └───────────── (conv 1x1 ─ BN) ─────────────────┘
//
// so that the gradient has a way around the layers, and layers whose weights
// are zero pass x on. The skip layers are there only with strides above 1,
// where the map changes its size. In Keras:
//
//	class ResidualUnit(keras.layers.Layer):
//	    def __init__(self, filters, strides=1, activation="relu", **kwargs):
//	        super().__init__(**kwargs)
//	        self.activation = keras.activations.get(activation)
//	        self.main_layers = [
//	            DefaultConv2D(filters, strides=strides),
//	            keras.layers.BatchNormalization(),
//	            self.activation,
//	            DefaultConv2D(filters),
//	            keras.layers.BatchNormalization()]
//	        self.skip_layers = []
//	        if strides > 1:
//	            self.skip_layers = [
//	                DefaultConv2D(filters, kernel_size=1, strides=strides),
//	                keras.layers.BatchNormalization()]
//
//	    def call(self, inputs):
//	        Z = inputs
//	        for layer in self.main_layers:
//	            Z = layer(Z)
//	        skip_Z = inputs
//	        for layer in self.skip_layers:
//	            skip_Z = layer(skip_Z)
//	        return self.activation(Z + skip_Z)
type ResidualUnit struct {
	Name string // empty means residual_unit, numbered

	activation net.Activation
	mainLayers []net.Layer
	skipLayers []net.Layer
}

// NewResidualUnit returns a unit of the given number of filters.
func NewResidualUnit(filters, strides int, activation net.Activation) *ResidualUnit {
	u := &ResidualUnit{activation: activation}
	u.mainLayers = []net.Layer{
		defaultConv2D(net.Conv2D{Filters: filters, Strides: strides}),
		net.BatchNormalization{},
		u.activation,
		defaultConv2D(net.Conv2D{Filters: filters}),
		net.BatchNormalization{},
	}
	if strides > 1 {
		u.skipLayers = []net.Layer{
			defaultConv2D(net.Conv2D{Filters: filters, KernelSize: 1, Strides: strides}),
			net.BatchNormalization{},
		}
	}
	return u
}

// Build adds the layers, and numbers them as Keras does: the main ones first.
func (u *ResidualUnit) Build(b *net.Builder, inputs ...net.Value) (net.Value, error) {
	name, err := b.Name("residual_unit", u.Name)
	if err != nil {
		return net.Value{}, err
	}
	if len(inputs) != 1 {
		return net.Value{}, fmt.Errorf("models: %s: %d inputs, want 1", name, len(inputs))
	}
	g := b.Graph()
	z := inputs[0]
	for _, layer := range u.mainLayers {
		z = g.Apply(layer, z)
	}
	skipZ := inputs[0]
	for _, layer := range u.skipLayers {
		skipZ = g.Apply(layer, skipZ)
	}
	return g.Output(g.Apply(u.activation, g.Apply(net.Add{}, z, skipZ)))
}
