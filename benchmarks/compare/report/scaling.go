package report

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/simdconv/simdconv/benchmarks/shapes"
)

// A curve is the rate at some numbers of threads, relative to one thread.
type curve struct {
	series
	points plotter.XYs
}

// scalingChart draws speed over threads and returns the file.
func scalingChart(r results, folder string) ([]string, error) {
	curves := r.curves()
	if len(curves) == 0 {
		return nil, nil
	}
	p := newPlot("Scaling over threads, one thread is 1", "threads", "speed, clocks taken out")
	most := 1.0
	for _, c := range curves {
		for _, q := range c.points {
			most = max(most, q.X)
		}
	}
	p.Add(line(1, 1, most, most, dashes()))
	for _, c := range curves {
		l, err := plotter.NewLine(c.points)
		if err != nil {
			return nil, err
		}
		l.LineStyle = draw.LineStyle{Color: c.color, Width: 1.5}
		dots, err := scatter(c.points, c.series)
		if err != nil {
			return nil, err
		}
		p.Add(l, dots)
		last := c.points[len(c.points)-1]
		p.Legend.Add(fmt.Sprintf("%s%s: %.2f", gap, c.title, last.Y), l, dots)
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs = 10
	p.X.Min, p.X.Max = 0.9, most+0.1
	p.Y.Min, p.Y.Max = 0.9, 1.25*most
	p.X.Tick.Marker, p.Y.Tick.Marker = decades{}, decades{}
	if most <= 4 {
		p.Y.Tick.Marker = every(0.25)
	}
	return []string{"scaling.svg"}, save(p, 720, 460, filepath.Join(folder, "scaling.svg"))
}

// curves returns ResNet-34's sum forward, a product and whole networks.
func (r results) curves() (curves []curve) {
	add := func(s series, title string, rate map[int]float64) {
		s.title = title
		c := curve{series: s}
		one := rate[1]
		if one == 0 || len(rate) < 2 {
			return
		}
		for threads, v := range rate {
			c.points = append(c.points, plotter.XY{X: float64(threads), Y: v / one})
		}
		slices.SortFunc(c.points, func(a, b plotter.XY) int { return int(a.X - b.X) })
		curves = append(curves, c)
	}
	for _, s := range allSeries {
		if s.algo == "" {
			continue
		}
		time := map[int]float64{} // of all layers, in that of the peak
		for _, l := range r["threads"].find(s.query() + " net=resnet34 pass=fwd n=1 cache=") {
			threads := number(l.keys["threads"])
			times, flop, err := layerWork("resnet34", l.keys["layer"])
			if err == nil {
				time[threads] += times * flop / (l.values["%peak"] * float64(threads))
			}
		}
		rate := map[int]float64{}
		for threads, t := range time {
			rate[threads] = 1 / t
		}
		add(s, "ResNet-34's layers, "+s.title, rate)
	}
	ours := allSeries[slices.IndexFunc(allSeries, func(s series) bool { return s.title == "simdconv auto" })]
	rates := func(rows []row) map[int]float64 {
		rate := map[int]float64{}
		for _, g := range rows {
			threads := number(g.keys["threads"])
			rate[threads] = g.values["%peak"] * float64(threads)
		}
		return rate
	}
	ours.color, ours.shape = allSeries[1].color, draw.SquareGlyph{}
	add(ours, "product of 1024, simdconv", rates(r["gemm"].find("impl=simdconv m=1024")))
	ours.color, ours.shape = allSeries[3].color, draw.PyramidGlyph{}
	add(ours, "ResNet-34 whole, 8 images", rates(r["net"].find("net=resnet34 pass=infer n=8 cache=")))
	ours.color, ours.shape = allSeries[4].color, draw.TriangleGlyph{}
	add(ours, "a step of training, 8 images", rates(r["net"].find("net=resnet34 pass=train n=8 cache=")))
	return curves
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // 0 is no number of threads
	return n
}

// layerWork returns how often a network has a layer and its operations.
func layerWork(net, layer string) (times, flop float64, err error) {
	layers, err := shapes.Layers(net)
	for _, l := range layers {
		if l.Name == layer {
			return float64(l.Times), l.FLOP(1), nil
		}
	}
	return 0, 0, errors.Join(err, fmt.Errorf("%s has no layer %s", net, layer))
}
