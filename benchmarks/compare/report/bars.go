package report

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bars are horizontal bars in groups, the first group on top. A value of 0 leaves
// its place empty.
type bars struct {
	series []series
	groups [][]float64 // by group and series
	style  draw.TextStyle
}

const groupShare = 0.86 // of a group's height is bars

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for g, values := range b.groups {
		middle := float64(len(b.groups) - 1 - g)
		height := groupShare / float64(len(values))
		for i, v := range values {
			if v == 0 {
				continue
			}
			top := middle + groupShare/2 - float64(i)*height
			low, high := y(top-0.9*height), y(top)
			c.SetColor(b.series[i].color)
			c.Fill(rectangle(x(0), low, x(v), high))
			at := vg.Point{X: x(v) + 3, Y: (low + high) / 2}
			c.FillText(b.style, at, figure(v))
		}
	}
}

// DataRange implements plot.DataRanger: half a group below, room for the legend
// above.
func (b bars) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, values := range b.groups {
		for _, v := range values {
			xmax = max(xmax, v)
		}
	}
	return 0, 1.08 * max(xmax, 100), -0.5, float64(len(b.groups)) - 0.5
}

func rectangle(x0, y0, x1, y1 vg.Length) vg.Path {
	var p vg.Path
	p.Move(vg.Point{X: x0, Y: y0})
	p.Line(vg.Point{X: x1, Y: y0})
	p.Line(vg.Point{X: x1, Y: y1})
	p.Line(vg.Point{X: x0, Y: y1})
	p.Close()
	return p
}

// swatch is a bar's mark in the legend.
type swatch series

// Thumbnail implements plot.Thumbnailer.
func (s swatch) Thumbnail(c *draw.Canvas) {
	c.SetColor(s.color)
	c.Fill(rectangle(c.Min.X+6, c.Min.Y+1, c.Max.X, c.Max.Y-1))
}

// line returns a straight line between two points.
func line(x0, y0, x1, y1 float64, style draw.LineStyle) *plotter.Line {
	return &plotter.Line{XYs: plotter.XYs{{X: x0, Y: y0}, {X: x1, Y: y1}}, LineStyle: style}
}

// dashes is the style of roofs.
func dashes() draw.LineStyle {
	return draw.LineStyle{Color: ink, Width: 1.2, Dashes: []vg.Length{5, 3}}
}
