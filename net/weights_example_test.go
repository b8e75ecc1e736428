package net_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/simdconv/simdconv/net"
)

// Weights of one model are loaded into another of the same layers. A model
// that differs keeps what it has.
func ExampleModel_LoadWeights() {
	dir, err := os.MkdirTemp("", "weights")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	network := func(hidden int, last string) *net.Model {
		m, err := net.Sequential(
			net.Input(4),
			net.Dense{Units: hidden, Activation: net.ReLU},
			net.Dense{Units: 3, Activation: net.Softmax, Name: last},
		)
		if err != nil {
			panic(err)
		}
		return m
	}
	trained := network(8, "classes")
	if err := trained.Compile(nil, nil, net.Options{Seed: 1}); err != nil {
		fmt.Println(err)
		return
	}
	path := filepath.Join(dir, "model.safetensors")
	fmt.Println(trained.SaveWeights(path))
	fmt.Println(network(8, "classes").LoadWeights(path))

	file, err := os.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	fmt.Println(network(9, "digits").ReadWeights(file))
	// Output:
	// <nil>
	// <nil>
	// net: weights do not fit the model: missing digits/kernel, digits/bias; extra "classes/bias", "classes/kernel"; dense/kernel: file has [4 8], model wants [4 9]; dense/bias: file has [8], model wants [9]
}
