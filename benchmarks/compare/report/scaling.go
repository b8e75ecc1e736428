package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
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
	curves, err := r.curves()
	if err != nil {
		return nil, err
	}
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
	var lines []plot.Plotter
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
		lines = slices.Insert(lines, 0, plot.Plotter(l), plot.Plotter(dots)) // ours above others
		last := c.points[len(c.points)-1]
		p.Legend.Add(fmt.Sprintf("%s: %.2f", c.title, last.Y), l, dots)
	}
	p.Add(lines...)
	p.Legend.Top = true
	p.Legend.XOffs = 10
	p.X.Min, p.X.Max = 0.9, most+0.1
	p.Y.Min, p.Y.Max = 0.9, 1.25*most
	p.X.Tick.Marker, p.Y.Tick.Marker = decades{}, decades{}
	if most <= 4 {
		p.Y.Tick.Marker = every(0.25)
	}
	return []string{"scaling.svg"}, save(p, 720, 460, filepath.Join(folder, "scaling.svg"))
}

// curves returns ResNet-34's sum forward, a product and whole networks. A number of
// threads at which a layer is missing has no sum.
func (r results) curves() (curves []curve, err error) {
	layers, err := shapes.Layers("resnet34")
	if err != nil {
		return nil, err
	}
	add := func(s series, title string, rate map[int]float64) {
		s.title = title
		c := curve{series: s}
		one := rate[1]
		for threads, v := range rate {
			if threads > 0 && v > 0 && one > 0 {
				c.points = append(c.points, plotter.XY{X: float64(threads), Y: v / one})
			}
		}
		if len(c.points) < 2 {
			return
		}
		slices.SortFunc(c.points, func(a, b plotter.XY) int { return int(a.X - b.X) })
		curves = append(curves, c)
	}
	for _, s := range allSeries {
		if s.algo == "" {
			continue
		}
		rate := map[int]float64{}
		where := s.query() + " net=resnet34 pass=fwd n=1 cache="
		for _, l := range r["threads"].find(where) {
			threads := l.keys["threads"]
			if time, ok := r.sum("threads", layers, where+" threads="+threads); ok {
				rate[number(threads)] = float64(number(threads)) / time // a peak is of all threads
			}
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
	return curves, nil
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // 0 is no number of threads
	return n
}
