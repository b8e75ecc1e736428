package report

import (
	"bytes"
	"errors"
	"image/color"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ink is the tone of text and axes: its contrast is 4.35:1 with white and with
// GitHub's dark background, #0d1117.
var ink = color.NRGBA{0x79, 0x79, 0x79, 0xff}

// faint is that of lines behind the data.
var faint = color.NRGBA{0x79, 0x79, 0x79, 0x90}

// A series is what a chart compares: an algorithm of this library, or a peer's.
type series struct {
	impl, algo string
	title      string
	color      color.NRGBA
	shape      draw.GlyphDrawer
}

// allSeries have colors that differ from white and from near black by 3:1 at
// least, ours warm to hot with the work that they save, peers cool.
var allSeries = []series{
	{"simdconv", "naive", "naive", color.NRGBA{0x8a, 0x7f, 0x72, 0xff}, draw.CrossGlyph{}},
	{"simdconv", "im2col", "im2col", color.NRGBA{0xb8, 0x86, 0x0b, 0xff}, draw.TriangleGlyph{}},
	{"simdconv", "direct", "direct", color.NRGBA{0xe0, 0x6c, 0x00, 0xff}, draw.CircleGlyph{}},
	{"simdconv", "winograd2", "F(2x2,3x3)", color.NRGBA{0xe0, 0x5a, 0x8a, 0xff}, draw.PyramidGlyph{}},
	{"simdconv", "winograd4", "F(4x4,3x3)", color.NRGBA{0xc2, 0x3b, 0xc2, 0xff}, draw.BoxGlyph{}},
	{"simdconv", "winograd6", "F(6x6,3x3)", color.NRGBA{0x94, 0x5f, 0xd6, 0xff}, draw.TriangleGlyph{}},
	{"simdconv", "auto", "simdconv auto", color.NRGBA{0xe0, 0x31, 0x31, 0xff}, draw.CircleGlyph{}},
	{"onednn", "direct", "oneDNN NHWC", color.NRGBA{0x1c, 0x8f, 0xb0, 0xff}, draw.SquareGlyph{}},
	{"onednn", "auto", "oneDNN best", color.NRGBA{0x3b, 0x73, 0xdd, 0xff}, draw.BoxGlyph{}},
	{"onnxruntime", "auto", "ONNX Runtime", color.NRGBA{0x2b, 0x93, 0x48, 0xff}, draw.PyramidGlyph{}},
	{"openblas", "", "OpenBLAS", color.NRGBA{0x7c, 0x66, 0xdc, 0xff}, draw.RingGlyph{}},
	{"blis", "", "BLIS", color.NRGBA{0x1c, 0x8f, 0x80, 0xff}, draw.PlusGlyph{}},
	{"gonum", "", "Gonum", color.NRGBA{0x8a, 0x7f, 0x72, 0xff}, draw.CrossGlyph{}},
}

func (s series) query() string { return "impl=" + s.impl + " algo=" + s.algo }

// newPlot returns an empty chart without background.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = 8
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	text := func(s *draw.TextStyle, size font.Length) {
		s.Color = ink
		s.Font = sans
		s.Font.Size = size
	}
	text(&p.Title.TextStyle, 14)
	text(&p.Legend.TextStyle, 11)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		text(&a.Label.TextStyle, 12)
		text(&a.Tick.Label, 11)
		a.LineStyle.Color = ink
		a.Tick.LineStyle.Color = ink
	}
	p.Legend.Padding = 2
	p.Legend.ThumbnailWidth = 24
	p.Legend.Left = true // words begin at their marks, whatever the width of the font
	return p
}

// gap keeps words off what follows where a font is wider.
const gap = "     "

// label returns the style of words beside the data.
func label(p *plot.Plot, size font.Length) draw.TextStyle {
	s := p.Legend.TextStyle
	s.Font.Size = size
	return s
}

// fonts are tried in this order: all but the last have the widths that charts are
// laid out with.
const fonts = "Liberation Sans,Arial,Helvetica,sans-serif"

// atRight moves the legend to the right side.
func atRight(p *plot.Plot, width vg.Length) { p.Legend.XOffs = width - 200 }

const margin = 8 // around a chart, in points

// save writes a chart as SVG, in points, or leaves the file as it was.
func save(p *plot.Plot, width, height vg.Length, path string) error {
	c := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(c), margin, -margin, margin, -margin))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	return replace(path, bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:"+fonts+";")))
}

// replace writes a file whole, or leaves it as it was.
func replace(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".simdconv-*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
