package net

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// Parameters that have been set keep their values when a model is compiled,
// for the first time or again; what the optimizer remembers is cleared.
func TestCompileKeepsParameters(t *testing.T) {
	d := toy(4, Shape{8, 8, 1}, 4)
	m := mustModel(t, toyNetwork()...)
	kernel := m.Param("dense/kernel")
	set := make([]float32, len(kernel.Data))
	kerneltest.FillUniform(set, 1)
	if err := kernel.Set(set); err != nil {
		t.Fatal(err)
	}
	compile := func() {
		t.Helper()
		if err := m.Compile(SGD{Momentum: 0.9}, SparseCategoricalCrossentropy{}, Options{Batch: 4}); err != nil {
			t.Fatal(err)
		}
	}
	compile()
	kerneltest.Equal(t, "a kernel that was set", kernel.Data, set)
	if conv := m.Param("conv2d/kernel").Data; slices.Equal(conv, make([]float32, len(conv))) {
		t.Error("a kernel that was not set stays zero")
	}
	if _, _, err := m.TrainStep(d.X, d.Y); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(kernel.Data, set) {
		t.Error("a step does not change the kernel")
	}
	trained := slices.Clone(kernel.Data)
	compile()
	kerneltest.Equal(t, "a kernel that was trained", kernel.Data, trained)
	for i, v := range m.slots[0][0] {
		if v != 0 {
			t.Fatalf("velocity %d is %v after Compile, want 0", i, v)
		}
	}
}

func TestParam(t *testing.T) {
	m := mustModel(t, toyNetwork()...)
	if p := m.Param("none"); p != nil {
		t.Errorf("Param of an unknown name is %q, want nil", p.Name)
	}
	for _, p := range m.Params() {
		if !p.Trainable || m.Param(p.Name) != p || len(p.Data) != p.Shape.Len() {
			t.Errorf("%s: trainable %v, %d values of %v", p.Name, p.Trainable, len(p.Data), p.Shape)
		}
	}
}
