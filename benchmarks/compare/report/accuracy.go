package report

import (
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// accuracyChart draws the error of each algorithm against its time, one mark for
// each layer, and returns the file. Both are relative to other algorithms on the
// same layer: time to direct, error to the naive loops.
func accuracyChart(r results, folder string) ([]string, error) {
	f := r["algorithms"]
	p := newPlot("Time against error, forward, each mark a layer", "time, direct convolution is 1", "rms error against float64, naive loops in float32 are 1")
	found := false
	for _, s := range allSeries {
		if s.impl != suite.Impl || s.algo == "auto" || s.algo == suite.Naive {
			continue
		}
		var xy plotter.XYs
		for _, a := range f.find(s.query() + " pass=fwd n=1 threads=1 cache=") {
			same := "net=" + a.keys["net"] + " layer=" + a.keys["layer"] + " pass=fwd n=1 threads=1 cache="
			direct, ok := f.value("sec/op", "algo=direct "+same)
			naive, ok2 := f.value("eps", "algo=naive "+same)
			// What is missing or 0 has no place on logarithmic scales.
			if own, time := a.values["eps"], a.values["sec/op"]; ok && ok2 && direct > 0 && naive > 0 && own > 0 && time > 0 {
				xy = append(xy, plotter.XY{X: time / direct, Y: own / naive})
			}
		}
		if len(xy) == 0 {
			continue
		}
		dots, err := scatter(xy, s)
		if err != nil {
			return nil, err
		}
		found = true
		p.Add(dots)
		p.Legend.Add(s.title, dots)
	}
	if !found {
		return nil, nil
	}
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = decades{}, decades{}
	p.X.Min, p.X.Max = min(p.X.Min/1.2, 0.25), max(1.2*p.X.Max, 2)
	p.Y.Min, p.Y.Max = min(p.Y.Min/1.2, 0.25), max(1.3*p.Y.Max, 4)
	p.Add(line(p.X.Min, 1, p.X.Max, 1, dashes()))
	p.Legend.Top = true
	atRight(p, 720)
	return []string{"accuracy.svg"}, save(p, 720, 420, filepath.Join(folder, "accuracy.svg"))
}
