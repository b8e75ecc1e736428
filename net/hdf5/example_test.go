package hdf5_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/simdconv/simdconv/net/hdf5"
)

func Example() {
	packed, err := os.Open("testdata/small_old.h5.gz")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file strings.Builder
	if _, err := io.Copy(&file, z); err != nil {
		fmt.Println(err)
		return
	}
	f, err := hdf5.NewFile(strings.NewReader(file.String()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	names, err := f.Object("").Attribute("layer_names").Strings()
	fmt.Println(names, err)
	for _, o := range f.Objects() {
		if o.Type.Class == hdf5.Float {
			fmt.Println(o.Path, o.Shape, o.Type)
		}
	}
	v, err := f.Object("conv/conv/bias").Float32s()
	fmt.Println(v, err)
	_, err = f.Object("link_00").Float32s()
	fmt.Println(err)
	_, err = hdf5.NewFile(strings.NewReader(file.String()[:5000]), 5000)
	fmt.Println(err)
	// Output:
	// [conv bn] <nil>
	// chunks [3 4] float32
	// conv/conv/bias [3] float32
	// conv/conv/kernel [2 3] float32
	// [-12.5 4.75 -9.375] <nil>
	// hdf5: "/link_00": a soft link, want an object in this file
	// hdf5: superblock at byte 0: the file ends after 5000 bytes, want 11471
}
