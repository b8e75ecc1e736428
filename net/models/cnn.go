package models

import "github.com/simdconv/simdconv/net"

// LectureCNN returns the lecture's convolutional network for 28x28 grey images
// in ten classes. In Keras:
//
//	DefaultConv2D = partial(keras.layers.Conv2D,
//	                        kernel_size=3, activation='relu', padding="SAME")
//	model = keras.models.Sequential([
//	    DefaultConv2D(filters=64, kernel_size=7, input_shape=[28, 28, 1]),
//	    keras.layers.MaxPooling2D(pool_size=2),
//	    DefaultConv2D(filters=128),
//	    DefaultConv2D(filters=128),
//	    keras.layers.MaxPooling2D(pool_size=2),
//	    DefaultConv2D(filters=256),
//	    DefaultConv2D(filters=256),
//	    keras.layers.MaxPooling2D(pool_size=2),
//	    keras.layers.Flatten(),
//	    keras.layers.Dense(units=128, activation='relu'),
//	    keras.layers.Dropout(0.5),
//	    keras.layers.Dense(units=64, activation='relu'),
//	    keras.layers.Dropout(0.5),
//	    keras.layers.Dense(units=10, activation='softmax'),
//	])
func LectureCNN() []net.Layer {
	DefaultConv2D := func(l net.Conv2D) net.Conv2D {
		if l.KernelSize == 0 {
			l.KernelSize = 3
		}
		l.Activation, l.Padding = net.ReLU, net.Same
		return l
	}
	return []net.Layer{
		net.Input(28, 28, 1),
		DefaultConv2D(net.Conv2D{Filters: 64, KernelSize: 7}),
		net.MaxPool2D{PoolSize: 2},
		DefaultConv2D(net.Conv2D{Filters: 128}),
		DefaultConv2D(net.Conv2D{Filters: 128}),
		net.MaxPool2D{PoolSize: 2},
		DefaultConv2D(net.Conv2D{Filters: 256}),
		DefaultConv2D(net.Conv2D{Filters: 256}),
		net.MaxPool2D{PoolSize: 2},
		net.Flatten{},
		net.Dense{Units: 128, Activation: net.ReLU},
		net.Dropout{Rate: 0.5},
		net.Dense{Units: 64, Activation: net.ReLU},
		net.Dropout{Rate: 0.5},
		net.Dense{Units: 10, Activation: net.Softmax},
	}
}
