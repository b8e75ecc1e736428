package report

import (
	"fmt"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/simdconv/simdconv/benchmarks/shapes"
)

// networkTitles are the names of networks in words.
var networkTitles = map[string]string{
	"alexnet": "AlexNet", "corners": "hard corners", "googlenet": "GoogLeNet", "lecture_cnn": "the lecture's CNN",
	"resnet34": "ResNet-34", "resnet50": "ResNet-50", "vgg16": "VGG-16", "vgg19": "VGG-19",
}

// passTitles are the passes of BenchmarkConv.
var passTitles = map[string]string{"fwd": "forward", "bwddata": "gradient of the input", "bwdweights": "gradient of the weights"}

// layerCharts draws the layers of each network and pass and returns the files.
func layerCharts(r results, folder string) ([]string, error) {
	var names []string
	for _, c := range []struct{ net, pass string }{
		{"resnet34", "fwd"}, {"lecture_cnn", "fwd"}, {"resnet34", "bwddata"}, {"resnet34", "bwdweights"},
	} {
		name := fmt.Sprintf("layers_%s_%s.svg", c.net, c.pass)
		p, bars, err := layerChart(r, c.net, c.pass)
		if err != nil {
			return nil, err
		}
		if bars == 0 {
			continue
		}
		const perBar = 7.5 // points
		if err := save(p, 720, vg.Length(70+perBar*bars), filepath.Join(folder, name)); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// layerChart compares all that has rows of a network's pass, layer by layer. It
// returns the height in bars, 0 if there is nothing to compare.
func layerChart(r results, net, pass string) (*plot.Plot, float64, error) {
	layers, err := shapes.Layers(net)
	if err != nil {
		return nil, 0, err
	}
	of := func(s series, layer string) float64 {
		v, _ := r.peak(s, fmt.Sprintf("net=%s layer=%s pass=%s n=1 threads=1 cache= pack=", net, layer, pass))
		return v
	}
	b := bars{}
	for _, s := range allSeries {
		for _, l := range layers {
			if of(s, l.Name) > 0 {
				b.series = append(b.series, s)
				break
			}
		}
	}
	var names []string
	for _, l := range layers {
		var values []float64
		sum := 0.0
		for _, s := range b.series {
			v := of(s, l.Name)
			values, sum = append(values, v), sum+v
		}
		if sum > 0 {
			b.groups, names = append(b.groups, values), append(names, describe(l)+gap)
		}
	}
	if len(b.groups) == 0 {
		return nil, 0, nil
	}
	p := newPlot(fmt.Sprintf("%s, %s: one image, one thread, warm", networkTitles[net], passTitles[pass]), "% of the FMA peak, as direct convolution", "")
	b.style = label(p, 7)
	b.style.YAlign = -0.4
	_, height := b.tops()
	p.Add(line(100, 0, 100, height, dashes()), b)
	p.X.Tick.Marker, p.Y.Tick.Marker = every(50), b.ticks(names)
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	const space = 3 // bars, for the roof's name
	roof, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: 100, Y: height + 0.5}}, Labels: []string{"FMA roof"}})
	if err != nil {
		return nil, 0, err
	}
	roof.TextStyle[0] = label(p, 9)
	roof.TextStyle[0].XAlign = draw.XCenter
	k := key{series: b.series, style: p.Legend.TextStyle}
	k.top = height + space + k.height()
	p.Add(roof, k)
	p.Y.Max = k.top
	return p, p.Y.Max, nil
}

// describe returns a layer's sizes in words.
func describe(l shapes.Layer) string {
	stride := ""
	if l.StrideH > 1 {
		stride = fmt.Sprintf("/%d", l.StrideH)
	}
	return fmt.Sprintf("%dx%d%s, %dx%dx%d → %d", l.R, l.S, stride, l.H, l.W, l.C, l.K)
}

// peak returns a series' %peak of a row, from the file that has it beside peers if
// there is one.
func (r results) peak(s series, query string) (float64, bool) {
	for _, name := range []string{"conv", "backward", "algorithms"} {
		if v, ok := r[name].value("%peak", s.query()+" "+query); ok {
			return v, true
		}
	}
	return 0, false
}
