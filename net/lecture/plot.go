package main

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Colours that the colour-blind can tell apart (Okabe and Ito, 2008).
var (
	blue   = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.RGBA{0x00, 0x9e, 0x73, 0xff}
)

// A series is one line of a diagram.
type series struct {
	name   string
	points plotter.XYs
	color  color.Color
}

// drawable reports whether a picture can be written to a file of that name.
func drawable(path string) bool {
	switch extension(path) {
	case ".png", ".svg":
		return true
	}
	return false
}

// diagram returns a plot of lines with marks, and a legend where there are
// several.
func diagram(title, x, y string, lines ...series) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Font.Size = 13
	p.Title.Padding = vg.Points(6)
	p.Legend.Top = true
	p.Legend.ThumbnailWidth = vg.Points(24)
	p.Legend.Padding = vg.Points(2)
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{0xe0}, color.Gray{0xe0}
	p.Add(grid)
	for _, s := range lines {
		line, marks, err := plotter.NewLinePoints(s.points)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		line.Color, marks.Color = s.color, s.color
		line.Width = vg.Points(1.6)
		marks.Shape, marks.Radius = draw.CircleGlyph{}, vg.Points(2)
		p.Add(line, marks)
		if len(lines) > 1 {
			p.Legend.Add(s.name, line, marks)
		}
	}
	return p, nil
}

// save draws plots beside one another into a .png or .svg file of so many
// points for each.
func save(path string, width, height font.Length, plots ...*plot.Plot) error {
	width *= font.Length(len(plots))
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	if extension(path) == ".svg" {
		canvas = vgsvg.New(width, height)
	} else {
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144))}
	}
	c := draw.New(canvas)
	if extension(path) == ".svg" { // which is transparent without it
		c.SetColor(color.White)
		c.Fill(c.Rectangle.Path())
	}
	tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: vg.Points(18), PadTop: vg.Points(8), PadBottom: vg.Points(8), PadLeft: vg.Points(8), PadRight: vg.Points(14)}
	for i, a := range plot.Align([][]*plot.Plot{plots}, tiles, c)[0] {
		plots[i].Draw(a)
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	return replaceFile(path, b.Bytes())
}

// replaceFile writes a file as a whole: who looks at it finds the old one or the new
// one.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".lecture-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = firstError(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
