package report

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bars are horizontal bars in groups, the first group on top, each bar 1 high. A
// value of 0 has no bar.
type bars struct {
	series []series
	groups [][]float64 // by group and series
	style  draw.TextStyle
}

const (
	groupGap = 1.3 // bars
	barShare = 0.88
)

// tops returns where each group begins, upwards from 0, and the height of all.
func (b bars) tops() (tops []float64, height float64) {
	for _, values := range slices.Backward(b.groups) {
		height += groupGap / 2
		for _, v := range values {
			if v > 0 {
				height++
			}
		}
		tops = append(tops, height)
		height += groupGap / 2
	}
	slices.Reverse(tops)
	return tops, height
}

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	tops, _ := b.tops()
	for g, values := range b.groups {
		at := tops[g]
		for i, v := range values {
			if v == 0 {
				continue
			}
			low, high := y(at-barShare), y(at)
			at--
			c.SetColor(b.series[i].color)
			c.Fill(rectangle(x(0), low, x(v), high))
			end := x(v) + 3
			if end < x(100)+3 && end > x(100)-16 {
				end = x(100) + 3 // the roof's line does not cross a figure
			}
			c.FillText(b.style, vg.Point{X: end, Y: (low + high) / 2}, figure(v))
		}
	}
}

// ticks has the names of the groups, each at its middle.
func (b bars) ticks(names []string) (ticks plot.ConstantTicks) {
	tops, _ := b.tops()
	for g, top := range tops {
		below := groupGap / 2
		if g+1 < len(tops) {
			below = tops[g+1] + groupGap
		}
		ticks = append(ticks, plot.Tick{Value: (top + below) / 2, Label: names[g]})
	}
	return ticks
}

// DataRange implements plot.DataRanger.
func (b bars) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, values := range b.groups {
		for _, v := range values {
			xmax = max(xmax, v)
		}
	}
	_, ymax = b.tops()
	return 0, 1.08 * max(xmax, 100), 0, ymax
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

// key names the series above the bars, a few in a line.
type key struct {
	series []series
	style  draw.TextStyle
	top    float64 // of the first line
}

const (
	keyColumns = 4
	keyLine    = 2.2 // bars
)

// height is in bars.
func (k key) height() float64 {
	return keyLine * float64((len(k.series)+keyColumns-1)/keyColumns)
}

// Plot implements plot.Plotter.
func (k key) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	width := (c.Max.X - c.Min.X) / keyColumns
	for i, s := range k.series {
		left := c.Min.X + width*vg.Length(i%keyColumns)
		at := y(k.top - keyLine*float64(i/keyColumns))
		c.SetColor(s.color)
		c.Fill(rectangle(left, at-7, left+20, at))
		c.FillText(k.style, vg.Point{X: left + 25, Y: at - 7}, s.title)
	}
}

// line returns a straight line between two points.
func line(x0, y0, x1, y1 float64, style draw.LineStyle) *plotter.Line {
	return &plotter.Line{XYs: plotter.XYs{{X: x0, Y: y0}, {X: x1, Y: y1}}, LineStyle: style}
}

// dashes is the style of roofs.
func dashes() draw.LineStyle {
	return draw.LineStyle{Color: ink, Width: 1.2, Dashes: []vg.Length{5, 3}}
}
