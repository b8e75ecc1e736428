package suite_test

import (
	"strings"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/conv"
)

// TestTooLarge asks for operands that no machine of the suite has the memory for.
func TestTooLarge(t *testing.T) {
	layers, err := shapes.Layers("vgg16")
	if err != nil {
		t.Fatal(err)
	}
	o := &suite.Operands{}
	err = o.Use(suite.Conv{Net: "vgg16", Layer: layers[1], N: 4096, Pass: conv.Forward})
	if err == nil || !strings.Contains(err.Error(), "on 4096 images: operands of 2630") || o.X != nil {
		t.Errorf("error %v, want one of the number of elements", err)
	}
}

// TestCompare checks that one wrong element of many is found.
func TestCompare(t *testing.T) {
	got, want := make([]float32, 1<<20), make([]float64, 1<<20)
	for i := range got {
		got[i], want[i] = 1, 1
	}
	bound := suite.Bound(1000)
	if err := suite.Compare(got, want, bound); err != nil {
		t.Error(err)
	}
	got[77] = 1.001 // an rms error of 1e-6
	if err := suite.Compare(got, want, bound); err == nil || !strings.HasPrefix(err.Error(), "wrong result: rms error 9.77e-07, largest 0.001,") {
		t.Errorf("error %v, want one of the largest", err)
	}
}
