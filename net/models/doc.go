// Package models has the networks that the lecture names, written so that its
// Keras listings can be read off them line by line.
//
// A model here is a list of layers:
//
//	model, err := net.Sequential(models.LectureCNN()...)
//
// [MNISTDense], fully connected:
//
//	28x28 -> flatten -> [dense 300] -> [dense 100] -> [dense 10, softmax]
//
// [LectureCNN], convolutional:
//
//	28x28x1 -> [conv 7x7, 64] -> pool -> [conv 3x3, 128] x2 -> pool -> [conv 3x3, 256] x2 -> pool
//	   28x28x64       14x14x64    14x14x128      7x7x128     7x7x256       3x3x256
//	-> flatten -> [dense 128, dropout] -> [dense 64, dropout] -> [dense 10, softmax]
//
// [ResNet34], residual, at 224x224x3; /2 halves height and width:
//
//	[conv 7x7/2, 64] -> BN, ReLU -> pool 3x3/2 -> [unit 64] x3 -> [unit 128]/2, x3 -> [unit 256]/2, x5
//	   112x112x64                    56x56x64     56x56x64        28x28x128            14x14x256
//	-> [unit 512]/2, x2 -> global average pool -> flatten -> [dense 10, softmax]
//	      7x7x512             512
//
// [AlexNet] and [GoogLeNet], the papers' networks on the way there: the former
// with local response normalisation and convolutions of two groups, the latter
// of modules that look through several windows at once, with two auxiliary
// outputs.
//
// [VGG16] and [VGG19], plain and large, are what libraries are compared on. The
// former at 224x224x3, each conv 3x3:
//
//	[conv 64] x2 -> pool -> [conv 128] x2 -> pool -> [conv 256] x3 -> pool -> [conv 512] x3 -> pool
//	 224x224x64             112x112x128              56x56x256                28x28x512
//	-> [conv 512] x3 -> pool -> flatten -> [dense 4096, dropout] x2 -> [dense 1000, softmax]
//	    14x14x512     7x7x512    25088
//
// [ResNet50], [ResNet101] and [ResNet152] are models as keras.applications
// builds them, and read its files of weights:
//
//	model, err := models.ResNet50(models.Weights("resnet50.weights.h5"))
package models
