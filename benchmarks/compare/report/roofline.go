package report

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/simdconv/simdconv/benchmarks/shapes"
)

// footprints are the loops over memory of BenchmarkRoof that are roofs. Those over
// the second and third cache are as fast as over the first: Go's plain loads bind.
var footprints = []struct {
	bytes, title string
	x, share     float64 // where the title stands, as a share of the roof there
}{{"16384", "first cache", 0.33, 4.5}, {"268435456", "memory", 1, 0.8}}

// A point is a row below the roofs.
type point struct{ intensity, peak float64 }

// rooflineChart draws rates against operations per byte and returns the file.
func rooflineChart(r results, folder string) ([]string, error) {
	peak, ok := r["roof"].value("GFLOP/s", "op=fma threads=1")
	if !ok || peak <= 0 {
		return nil, nil
	}
	p := newPlot("Roofline, one thread; memory by plain loads", "operations per byte, each distinct operand once", "GFLOP/s, as direct convolution")
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = decades{}, decades{}
	const least, most = 0.3, 1000
	p.Add(line(least, peak, most, peak, dashes()))
	words := plotter.XYLabels{}
	for _, f := range footprints {
		rate, ok := r["roof"].value("GB/s", "op=read threads=1 bytes="+f.bytes)
		if !ok || rate <= 0 {
			continue
		}
		p.Add(line(least, rate*least, peak/rate, peak, draw.LineStyle{Color: faint, Width: 1.5}))
		words.XYs = append(words.XYs, plotter.XY{X: f.x, Y: f.share * f.x * rate})
		words.Labels = append(words.Labels, fmt.Sprintf("%s %.0f GB/s", f.title, rate))
	}
	words.XYs = append(words.XYs, plotter.XY{X: 0.33, Y: 1.06 * peak})
	words.Labels = append(words.Labels, fmt.Sprintf("multiply-adds %.0f GFLOP/s", peak))
	labels, err := plotter.NewLabels(words)
	if err != nil {
		return nil, err
	}
	for i := range labels.TextStyle {
		labels.TextStyle[i] = label(p, 10)
	}
	p.Add(labels)
	for _, s := range allSeries {
		points, err := r.points(s)
		if err != nil {
			return nil, err
		}
		if len(points) == 0 {
			continue
		}
		var xy plotter.XYs
		for _, q := range points {
			xy = append(xy, plotter.XY{X: q.intensity, Y: q.peak / 100 * peak})
		}
		dots, err := scatter(xy, s)
		if err != nil {
			return nil, err
		}
		p.Add(dots)
		p.Legend.Add(s.title, dots)
	}
	p.X.Min, p.X.Max = least, most
	p.Y.Min, p.Y.Max = 2, 5*peak
	atRight(p, 720)
	return []string{"roofline.svg"}, save(p, 720, 460, filepath.Join(folder, "roofline.svg"))
}

// points returns the forward layers and the products of a series, those that have
// a place on logarithmic scales.
func (r results) points(s series) (points []point, err error) {
	add := func(intensity float64, row row) {
		if peak := row.values["%peak"]; peak > 0 && intensity > 0 && !math.IsInf(intensity, 0) {
			points = append(points, point{intensity, peak})
		}
	}
	for _, c := range r["conv"].find(s.query() + " n=1 threads=1 cache=") {
		layers, err := shapes.Layers(c.keys["net"])
		if err != nil {
			return nil, err
		}
		for _, l := range layers {
			if l.Name == c.keys["layer"] {
				oh, ow := l.Out()
				operands := l.H*l.W*l.C + l.R*l.S*l.C*l.K + oh*ow*l.K
				add(l.FLOP(1)/float64(4*operands), c)
			}
		}
	}
	if s.algo != "auto" && s.algo != "" {
		return points, nil // products have no algorithms
	}
	for _, g := range r["gemm"].find("impl=" + s.impl + " threads=1") {
		var size [3]float64
		for i, key := range []string{"m", "n", "k"} {
			if size[i], err = strconv.ParseFloat(g.keys[key], 64); err != nil {
				return nil, err
			}
		}
		m, n, k := size[0], size[1], size[2]
		add(2*m*n*k/(4*(m*k+k*n+m*n)), g)
	}
	return points, nil
}

func scatter(xy plotter.XYs, s series) (*plotter.Scatter, error) {
	dots, err := plotter.NewScatter(xy)
	if err != nil {
		return nil, err
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: s.color, Radius: 3, Shape: s.shape}
	return dots, nil
}
