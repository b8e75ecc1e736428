package models

import "github.com/simdconv/simdconv/net"

// MNISTDense returns the lecture's fully connected network for 28x28 grey
// images in ten classes. In Keras:
//
//	model = keras.models.Sequential([
//	    keras.layers.Flatten(input_shape=[28, 28]),
//	    keras.layers.Dense(300, activation="relu"),
//	    keras.layers.Dense(100, activation="relu"),
//	    keras.layers.Dense(10, activation="softmax"),
//	])
func MNISTDense() []net.Layer {
	return []net.Layer{
		net.Input(28, 28),
		net.Flatten{},
		net.Dense{Units: 300, Activation: net.ReLU},
		net.Dense{Units: 100, Activation: net.ReLU},
		net.Dense{Units: 10, Activation: net.Softmax},
	}
}
