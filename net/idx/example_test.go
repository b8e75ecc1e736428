package idx_test

import (
	"bytes"
	"fmt"

	"github.com/simdconv/simdconv/net/idx"
)

func ExampleReadLabels() {
	file := []byte{0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1}
	labels, err := idx.ReadLabels(bytes.NewReader(file), idx.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(labels.Dims, labels.Data)
	_, err = idx.ReadLabels(bytes.NewReader(file[:10]), idx.Options{})
	fmt.Println(err)
	// Output:
	// [3] [7 2 1]
	// idx: data ends after 2 bytes, want 3: unexpected EOF
}
