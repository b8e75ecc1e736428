package models_test

import (
	"fmt"

	"github.com/simdconv/simdconv/net/models"
)

// With models.Weights("resnet50.weights.h5") among the options it knows
// ImageNet's classes.
func ExampleResNet50() {
	model, err := models.ResNet50()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.InputShape(), "->", model.OutputShape())
	fmt.Println(model.Size(), "parameters")
	_, err = models.ResNet50(models.Weights("none.h5"))
	fmt.Println(err)
	// Output:
	// 224x224x3 -> 1000
	// 25636712 parameters
	// net: open none.h5: no such file or directory
}
