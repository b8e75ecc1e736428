package models

import "github.com/simdconv/simdconv/net"

// AlexNet returns the network of 8 layers with weights that won ImageNet's
// competition of 2012 (Krizhevsky et al., "ImageNet classification with deep
// convolutional neural networks", NIPS 2012) for images of the given size: the
// paper's is 224, but its numbers of values ask for 227, 227, 3, with 1000
// classes. Its second, fourth and fifth convolutions have two groups, one for
// each of the two GPUs that it was trained on. In Keras, where LRN is
// [net.LocalResponseNormalization]:
//
//	model = keras.models.Sequential([
//	    keras.layers.Input([227, 227, 3]),
//	    keras.layers.Conv2D(96, 11, strides=4, activation="relu"),
//	    LRN(depth_radius=2, bias=2, alpha=1e-4, beta=0.75),
//	    keras.layers.MaxPool2D(3, strides=2),
//	    keras.layers.Conv2D(256, 5, padding="same", groups=2, activation="relu"),
//	    LRN(depth_radius=2, bias=2, alpha=1e-4, beta=0.75),
//	    keras.layers.MaxPool2D(3, strides=2),
//	    keras.layers.Conv2D(384, 3, padding="same", activation="relu"),
//	    keras.layers.Conv2D(384, 3, padding="same", groups=2, activation="relu"),
//	    keras.layers.Conv2D(256, 3, padding="same", groups=2, activation="relu"),
//	    keras.layers.MaxPool2D(3, strides=2),
//	    keras.layers.Flatten(),
//	    keras.layers.Dense(4096, activation="relu"),
//	    keras.layers.Dropout(0.5),
//	    keras.layers.Dense(4096, activation="relu"),
//	    keras.layers.Dropout(0.5),
//	    keras.layers.Dense(1000, activation="softmax"),
//	])
func AlexNet(height, width, channels, classes int) []net.Layer {
	lrn := net.LocalResponseNormalization{DepthRadius: 2, Bias: 2, Alpha: 1e-4, Beta: 0.75}
	return []net.Layer{
		net.Input(height, width, channels),
		net.Conv2D{Filters: 96, KernelSize: 11, Strides: 4, Activation: net.ReLU},
		lrn,
		net.MaxPool2D{PoolSize: 3, Strides: 2},
		net.Conv2D{Filters: 256, KernelSize: 5, Padding: net.Same, Groups: 2, Activation: net.ReLU},
		lrn,
		net.MaxPool2D{PoolSize: 3, Strides: 2},
		net.Conv2D{Filters: 384, KernelSize: 3, Padding: net.Same, Activation: net.ReLU},
		net.Conv2D{Filters: 384, KernelSize: 3, Padding: net.Same, Groups: 2, Activation: net.ReLU},
		net.Conv2D{Filters: 256, KernelSize: 3, Padding: net.Same, Groups: 2, Activation: net.ReLU},
		net.MaxPool2D{PoolSize: 3, Strides: 2},
		net.Flatten{},
		net.Dense{Units: 4096, Activation: net.ReLU},
		net.Dropout{Rate: 0.5},
		net.Dense{Units: 4096, Activation: net.ReLU},
		net.Dropout{Rate: 0.5},
		net.Dense{Units: classes, Activation: net.Softmax},
	}
}
