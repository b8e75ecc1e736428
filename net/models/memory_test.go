package models_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// BenchmarkTrainingMemory reports the most memory that was resident while
// ResNet-34 learned eight images of 224x224, less what the process held before
// there was a model. benchmarks/compare/frameworks/memory.py asks the same of
// PyTorch.
func BenchmarkTrainingMemory(b *testing.B) {
	const batch = 8
	x, labels := images(batch, 224)
	debug.FreeOSMemory()
	held := resident(b, "VmRSS:") - 4*float64(len(x)) // the images count
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Skipf("the peak cannot be set back: %v", err)
	}
	m, err := net.Sequential(models.ResNet34(224, 224, 3, 10)...)
	if err != nil {
		b.Fatal(err)
	}
	if err := m.Compile(net.SGD{LearningRate: 1e-3, Momentum: 0.9}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: batch, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := m.TrainStep(x, labels); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((resident(b, "VmHWM:")-held)/(1<<20), "peak-MiB")
	b.ReportMetric(held/(1<<20), "held-MiB")
	plan, err := m.Memory(batch, true)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(plan.Peak)/(1<<20), "planned-MiB")
	b.ReportMetric(float64(plan.Naive)/(1<<20), "naive-MiB")
	runtime.KeepAlive(x)
}

// resident returns a size that Linux knows of this process, in bytes.
func resident(b *testing.B, key string) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(status), key)
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatalf("%s in /proc/self/status: %v", key, err)
	}
	return kib * 1024
}
