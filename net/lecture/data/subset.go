//go:build ignore

// Subset cuts the images that package data embeds from the full Fashion-MNIST
// data set, which Debian and Ubuntu ship as the package dataset-fashion-mnist:
//
//	go run subset.go
//
// It keeps the first 250 training and the first 50 test images of each of the
// ten classes, in the order of the original files.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
)

const (
	classes     = 10
	imagesMagic = 0x00000803 // unsigned bytes, three dimensions
	labelsMagic = 0x00000801 // unsigned bytes, one dimension
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("subset: ")
	from := flag.String("from", "/usr/share/datasets/fashion-mnist", "folder of the full data set")
	to := flag.String("to", ".", "folder to write to")
	flag.Parse()
	for _, part := range []struct {
		name     string
		perClass int
	}{{"train", 250}, {"t10k", 50}} {
		if err := cut(*from, *to, part.name, part.perClass); err != nil {
			log.Fatal(err)
		}
	}
}

// cut copies the first perClass images of every class, and their labels.
func cut(from, to, part string, perClass int) error {
	imagesName, labelsName := part+"-images-idx3-ubyte.gz", part+"-labels-idx1-ubyte.gz"
	images, imageDims, err := read(filepath.Join(from, imagesName), imagesMagic, 3)
	if err != nil {
		return err
	}
	labels, labelDims, err := read(filepath.Join(from, labelsName), labelsMagic, 1)
	if err != nil {
		return err
	}
	if imageDims[0] != labelDims[0] {
		return fmt.Errorf("%s: %d images but %d labels", part, imageDims[0], labelDims[0])
	}
	size := int(imageDims[1] * imageDims[2])
	var taken [classes]int
	var keptImages, keptLabels []byte
	for i, label := range labels {
		if label >= classes {
			return fmt.Errorf("%s: label %d of image %d is out of range", part, label, i)
		}
		if taken[label] < perClass {
			taken[label]++
			keptLabels = append(keptLabels, label)
			keptImages = append(keptImages, images[i*size:(i+1)*size]...)
		}
	}
	if len(keptLabels) != classes*perClass {
		return fmt.Errorf("%s: found %d images of %d", part, len(keptLabels), classes*perClass)
	}
	imageDims[0], labelDims[0] = uint32(len(keptLabels)), uint32(len(keptLabels))
	if err := write(filepath.Join(to, imagesName), imagesMagic, imageDims, keptImages); err != nil {
		return err
	}
	return write(filepath.Join(to, labelsName), labelsMagic, labelDims, keptLabels)
}

// read returns the payload and the dimensions of a gzipped IDX file.
func read(name string, magic uint32, rank int) ([]byte, []uint32, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	header := make([]uint32, 1+rank)
	if err := binary.Read(z, binary.BigEndian, header); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if header[0] != magic {
		return nil, nil, fmt.Errorf("%s: magic number %#x, want %#x", name, header[0], magic)
	}
	payload, err := io.ReadAll(z)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	want := 1
	for _, d := range header[1:] {
		want *= int(d)
	}
	if len(payload) != want {
		return nil, nil, fmt.Errorf("%s: %d bytes, want %d", name, len(payload), want)
	}
	return payload, header[1:], nil
}

// write is the inverse of read; the gzip header carries neither name nor time.
func write(name string, magic uint32, dims []uint32, payload []byte) error {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := binary.Write(z, binary.BigEndian, append([]uint32{magic}, dims...)); err != nil {
		return err
	}
	if _, err := z.Write(payload); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, buf.Bytes(), 0o644)
}
