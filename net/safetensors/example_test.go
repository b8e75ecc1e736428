package safetensors_test

import (
	"bytes"
	"fmt"

	"github.com/simdconv/simdconv/net/safetensors"
)

func Example() {
	var file bytes.Buffer
	err := safetensors.Write(&file, &safetensors.File{
		Tensors: []safetensors.Tensor{
			{Name: "dense/kernel", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
			{Name: "dense/bias", Shape: []int{3}, Data: []float32{-1, 0, 1}},
		},
		Metadata: map[string]string{"epoch": "5"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := safetensors.Read(bytes.NewReader(file.Bytes()), safetensors.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Metadata)
	for _, t := range f.Tensors {
		fmt.Println(t.Name, t.Shape, t.Data)
	}
	_, err = safetensors.Read(bytes.NewReader(file.Bytes()[:file.Len()-4]), safetensors.Options{})
	fmt.Println(err)
	// Output:
	// map[epoch:5]
	// dense/bias [3] [-1 0 1]
	// dense/kernel [2 3] [1 2 3 4 5 6]
	// safetensors: "dense/kernel": data_offsets [12, 36], but the file has 32 bytes of data: unexpected EOF
}

// A Reader lists a file without reading its data.
func ExampleReader() {
	header := `{"steps":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}      `
	file := append([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}, header+"\x07\x00\x00\x00\x00\x00\x00\x00"...)
	r, err := safetensors.NewReader(bytes.NewReader(file), safetensors.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range r.Tensors() {
		fmt.Println(t.Name, t.DType, t.Shape, t.End-t.Begin, "bytes")
	}
	// Output:
	// steps I64 [1] 8 bytes
}
