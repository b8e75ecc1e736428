package main

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // formats that readPicture knows
	_ "image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
)

// maxSide bounds a picture's height and width in pixels, and so what decoding
// and resizing it may take: some hundred megabytes at the very most.
const maxSide = 4096

// decodePicture reads a PNG or JPEG file. The size is looked at before anything
// is decoded.
func decodePicture(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file but %v", path, info.Mode())
	}
	config, _, err := image.DecodeConfig(f)
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("%s is neither a PNG nor a JPEG image", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if w, h := config.Width, config.Height; w < 1 || h < 1 || w > maxSide || h > maxSide {
		return nil, fmt.Errorf("%s: an image of %dx%d pixels, want 1x1 to %[4]dx%[4]d", path, w, h, maxSide)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return picture, nil
}

// readPicture reads a PNG or JPEG file as light grey on dark. What is
// transparent becomes background. With invert the file is dark on light.
func readPicture(path string, invert bool) (*image.Gray, error) {
	picture, err := decodePicture(path)
	if err != nil {
		return nil, err
	}
	grey := image.NewGray(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	background := color.Black
	if invert {
		background = color.White
	}
	draw.Draw(grey, grey.Rect, image.NewUniform(background), image.Point{}, draw.Src)
	draw.Draw(grey, grey.Rect, picture, picture.Bounds().Min, draw.Over)
	if invert {
		for i := range grey.Pix {
			grey.Pix[i] = 255 - grey.Pix[i]
		}
	}
	return grey, nil
}
