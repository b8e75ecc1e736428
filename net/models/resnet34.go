package models

import (
	"slices"

	"github.com/simdconv/simdconv/net"
)

// defaultConv2D is the listing's DefaultConv2D: 3x3 unless the layer says
// otherwise, padded to keep the size, without bias.
func defaultConv2D(l net.Conv2D) net.Conv2D {
	if l.KernelSize == 0 {
		l.KernelSize = 3
	}
	l.Padding, l.NoBias = net.Same, true
	return l
}

// ResNet34 returns the lecture's residual network of 34 layers with weights
// (He et al., "Deep residual learning for image recognition", CVPR 2016) for
// images of the given size, such as 224, 224, 3. In Keras, with
// [ResidualUnit]:
//
//	DefaultConv2D = partial(keras.layers.Conv2D, kernel_size=3, strides=1,
//	                        padding="SAME", use_bias=False)
//	model = keras.models.Sequential()
//	model.add(DefaultConv2D(64, kernel_size=7, strides=2,
//	                        input_shape=[224, 224, 3]))
//	model.add(keras.layers.BatchNormalization())
//	model.add(keras.layers.Activation("relu"))
//	model.add(keras.layers.MaxPool2D(pool_size=3, strides=2, padding="SAME"))
//	prev_filters = 64
//	for filters in [64] * 3 + [128] * 4 + [256] * 6 + [512] * 3:
//	    strides = 1 if filters == prev_filters else 2
//	    model.add(ResidualUnit(filters, strides=strides))
//	    prev_filters = filters
//	model.add(keras.layers.GlobalAvgPool2D())
//	model.add(keras.layers.Flatten())
//	model.add(keras.layers.Dense(10, activation="softmax"))
func ResNet34(height, width, channels, classes int) []net.Layer {
	model := []net.Layer{
		net.Input(height, width, channels),
		defaultConv2D(net.Conv2D{Filters: 64, KernelSize: 7, Strides: 2}),
		net.BatchNormalization{},
		net.ReLU,
		net.MaxPool2D{PoolSize: 3, Strides: 2, Padding: net.Same},
	}
	prevFilters := 64
	for _, filters := range slices.Concat(repeat(64, 3), repeat(128, 4), repeat(256, 6), repeat(512, 3)) {
		strides := 2
		if filters == prevFilters {
			strides = 1
		}
		model = append(model, NewResidualUnit(filters, strides, net.ReLU))
		prevFilters = filters
	}
	return append(model,
		net.GlobalAvgPool2D{},
		net.Flatten{},
		net.Dense{Units: classes, Activation: net.Softmax},
	)
}

// repeat is Python's [x] * n.
func repeat(x, n int) []int { return slices.Repeat([]int{x}, n) }
