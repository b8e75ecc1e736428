package ref

import "fmt"

// Float is the element type of every function.
type Float interface{ ~float32 | ~float64 }

// checkLen panics unless the slice called name has length want.
func checkLen[T any](name string, s []T, want int) {
	if len(s) != want {
		panic(fmt.Sprintf("ref: length of %s is %d, want %d", name, len(s), want))
	}
}

// checkRows panics unless the slice called name is a whole number of rows of
// cols elements.
func checkRows[T any](name string, s []T, cols int) {
	if cols < 1 || len(s)%cols != 0 {
		panic(fmt.Sprintf("ref: length of %s is %d, want a multiple of %d", name, len(s), cols))
	}
}
