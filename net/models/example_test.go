package models_test

import (
	"fmt"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

func ExampleLectureCNN() {
	model, err := net.Sequential(models.LectureCNN()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.InputShape(), "->", model.OutputShape())
	fmt.Println(model.Size(), "parameters")
	// Output:
	// 28x28x1 -> 10
	// 1413834 parameters
}
