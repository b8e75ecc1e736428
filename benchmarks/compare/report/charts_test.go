package report

import (
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCharts draws all charts: they are well formed, have what they compare in
// words, and no background.
func TestCharts(t *testing.T) {
	dir := t.TempDir()
	names, err := fixture(t).charts(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"layers_resnet34_fwd.svg":        {"ResNet-34, forward", "naive", "simdconv auto", "oneDNN best", "311", "194", "1.4"},
		"layers_lecture_cnn_fwd.svg":     {"oneDNN best", "200"},
		"layers_resnet34_bwddata.svg":    {"gradient of the input", "290", "160"},
		"layers_resnet34_bwdweights.svg": {"gradient of the weights", "190"},
		"roofline.svg":                   {"multiply-adds 115 GFLOP/s", "memory 15 GB/s", "OpenBLAS"},
		"scaling.svg":                    {"simdconv auto: 1.80", "oneDNN best: 1.89", "8 images: 1.89"},
		"accuracy.svg":                   {"F(4x4,3x3)", "F(2x2,3x3)", "direct"},
	}
	if len(names) != len(want) {
		t.Errorf("charts %q", names)
	}
	for name, words := range want {
		if !slices.Contains(names, name) {
			t.Errorf("no %s", name)
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s has no %q", name, w)
			}
		}
		if strings.Contains(strings.ToLower(string(text)), "#ffffff") || !strings.Contains(string(text), "sans-serif") {
			t.Errorf("%s has something white, or a font without a fallback", name)
		}
		d := xml.NewDecoder(strings.NewReader(string(text)))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

// TestContrast holds colors to what can be told from both backgrounds: 3:1 for
// marks, 4.3:1 for words (WCAG 2.2, relative luminance).
func TestContrast(t *testing.T) {
	backgrounds := []color.NRGBA{{0xff, 0xff, 0xff, 0xff}, {0x0d, 0x11, 0x17, 0xff}}
	check := func(what string, c color.NRGBA, least float64) {
		for _, b := range backgrounds {
			x, y := luminance(c)+0.05, luminance(b)+0.05
			if got := max(x/y, y/x); got < least {
				t.Errorf("%s on %v: contrast %.2f, want at least %v", what, b, got, least)
			}
		}
	}
	check("words", ink, 4.3)
	for _, s := range allSeries {
		check(s.title, s.color, 3)
	}
}

func luminance(c color.NRGBA) float64 {
	sum := 0.0
	for i, v := range []uint8{c.R, c.G, c.B} {
		x := float64(v) / 255
		if x <= 0.04045 {
			x /= 12.92
		} else {
			x = math.Pow((x+0.055)/1.055, 2.4)
		}
		sum += x * []float64{0.2126, 0.7152, 0.0722}[i]
	}
	return sum
}
