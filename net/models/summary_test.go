package models_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// Keras's own text, of the same listings.
func TestSummary(t *testing.T) {
	for name, layers := range map[string][]net.Layer{
		"mnist_dense": models.MNISTDense(),
		"lecture_cnn": models.LectureCNN(),
		"resnet34":    models.ResNet34(224, 224, 3, 10),
		"resnet34_64": models.ResNet34(64, 64, 3, 10),
		"alexnet":     models.AlexNet(227, 227, 3, 1000),
		"vgg16":       models.VGG16(224, 224, 3, 1000),
		"vgg19":       models.VGG19(224, 224, 3, 1000),
	} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", "keras", name+".summary.txt"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := net.Sequential(layers...)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Summary(); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
