package models

import (
	"fmt"

	"github.com/simdconv/simdconv/net"
)

// VGG16 returns VGG with 16 layers with weights (Simonyan and Zisserman, "Very
// deep convolutional networks for large-scale image recognition", ICLR 2015,
// table 1, column D) for images of the given size, which must be at least 32;
// 224, 224, 3 and 1000 classes make it the paper's. Layers have the names of
// keras.applications.VGG16, and there is the dropout that the paper trains with
// (section 3.1). In Keras:
//
//	model = keras.models.Sequential([keras.layers.Input([224, 224, 3])])
//	for block, (filters, n) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
//	    for i in range(1, n + 1):
//	        model.add(keras.layers.Conv2D(filters, 3, activation="relu", padding="same",
//	                                      name=f"block{block}_conv{i}"))
//	    model.add(keras.layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool"))
//	model.add(keras.layers.Flatten(name="flatten"))
//	for name in "fc1", "fc2":
//	    model.add(keras.layers.Dense(4096, activation="relu", name=name))
//	    model.add(keras.layers.Dropout(0.5))
//	model.add(keras.layers.Dense(1000, activation="softmax", name="predictions"))
//
// At 224x224x3 it has 138,357,544 parameters, 553 MB, of which fc1 has three
// quarters.
func VGG16(height, width, channels, classes int) []net.Layer {
	return vgg(height, width, channels, classes, 2, 2, 3, 3, 3)
}

// VGG19 is [VGG16] with four convolutions instead of three in each of the last
// three blocks (column E of the paper): 19 layers with weights, 143,667,240
// parameters at 224x224x3 and 1000 classes.
func VGG19(height, width, channels, classes int) []net.Layer {
	return vgg(height, width, channels, classes, 2, 2, 4, 4, 4)
}

// vgg has blocks of so many convolutions each.
func vgg(height, width, channels, classes int, convs ...int) []net.Layer {
	model := []net.Layer{net.Input(height, width, channels)}
	for b, n := range convs {
		block := fmt.Sprintf("block%d", b+1)
		for i := range n {
			model = append(model, net.Conv2D{
				Name: fmt.Sprintf("%s_conv%d", block, i+1), Filters: min(64<<b, 512), KernelSize: 3,
				Padding: net.Same, Activation: net.ReLU,
			})
		}
		model = append(model, net.MaxPool2D{Name: block + "_pool", PoolSize: 2})
	}
	model = append(model, net.Flatten{Name: "flatten"})
	for _, name := range []string{"fc1", "fc2"} {
		model = append(model, net.Dense{Name: name, Units: 4096, Activation: net.ReLU}, net.Dropout{Rate: 0.5})
	}
	return append(model, net.Dense{Name: "predictions", Units: classes, Activation: net.Softmax})
}
