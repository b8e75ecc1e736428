// Package data holds a subset of Fashion-MNIST: 2,500 training and 500 test
// images, 28x28 grey, the ten classes equally often. The files keep the names
// and the format (gzipped IDX) of the original; see LICENSE.fashion-mnist for
// their notice and subset.go for how they were cut.
package data

import "embed"

// FS contains {train,t10k}-{images-idx3,labels-idx1}-ubyte.gz.
//
//go:embed *-ubyte.gz
var FS embed.FS

// Classes names the labels 0 to 9.
var Classes = [10]string{
	"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
	"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
}
