package shapes

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.txt
var files embed.FS

const productFile = "gemm.txt"

// Networks returns the names of the networks that have a file, sorted.
func Networks() []string {
	entries, err := fs.Glob(files, "*.txt")
	if err != nil {
		panic("shapes: " + err.Error()) // a malformed pattern
	}
	var names []string
	for _, e := range entries {
		if e != productFile {
			names = append(names, strings.TrimSuffix(e, ".txt"))
		}
	}
	return names
}

// Layers returns the distinct convolutions of a network, in the order of its
// file. It returns an error if there is no such network.
func Layers(network string) ([]Layer, error) {
	file := network + ".txt"
	f, err := files.Open(file)
	if err != nil || file == productFile {
		return nil, fmt.Errorf("unknown network %q, want one of %s", network, strings.Join(Networks(), ", "))
	}
	defer f.Close()
	return ReadLayers(file, f)
}

// Products returns the products of gemm.txt, in its order.
func Products() ([]Product, error) {
	f, err := files.Open(productFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadProducts(productFile, f)
}
