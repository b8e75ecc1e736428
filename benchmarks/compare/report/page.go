package report

import (
	"fmt"
	"slices"
	"strings"
)

// caveats stand before all figures.
const caveats = `Before you read a figure:

- %peak counts the operations of a direct convolution with its padding, whatever an algorithm does: Winograd, and
  padding that is skipped, pass 100. It is relative to a loop of multiply-adds run just before and after, so clocks
  cancel. Times do not: compare them within a file only. Naive loops are compared with the same roof as all others,
  not with the generic tier's.
- Caches are warm and weights packed before unless a heading says otherwise. A network that runs once has neither.
- oneDNN best is the fastest of its direct and Winograd kernels in layouts of its own; NHWC is what callers with
  NHWC get. ONNX Runtime takes NCHW and its time has the reorders that one layer alone needs.
- The peers take turns with this library in one process, each with its best settings, which the files' headers
  state. A peer whose library is not installed has no column.
- Rows are a few percent off on a machine that does nothing else. On a shared one, what depends on memory is 25% off.
`

// page returns the README.md of a folder of results.
func (r results) page(charts []string) (string, error) {
	first := r.newest()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", first.header["machine"])
	fmt.Fprintf(&b, "%s. Written by `make report`; `make charts` makes this page and its charts anew from the files.\n\n", first.about())
	b.WriteString(caveats)
	if versions := r["conv"].versions(); versions != "" {
		fmt.Fprintf(&b, "- %s.\n", versions)
	}
	for _, c := range charts {
		fmt.Fprintf(&b, "\n![%s](%s)\n", chartTitle(c), c)
	}
	section := func(title string, t table) {
		if len(t.rows) > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n%s", title, t)
		}
	}
	for _, s := range []struct {
		title string
		nets  []string
		of    func() []column
	}{
		{"Forward", []string{"resnet34", "lecture_cnn"}, func() []column { return seriesColumns("conv", forward) }},
		{"Forward, cold", []string{"resnet34", "lecture_cnn"}, func() []column { return seriesColumns("cold", forwardCold) }},
		{"Gradient of the input", []string{"resnet34", "lecture_cnn"},
			func() []column { return seriesColumns("backward", strings.Replace(forward, "fwd", "bwddata", 1)) }},
		{"Gradient of the weights", []string{"resnet34", "lecture_cnn"},
			func() []column { return seriesColumns("backward", strings.Replace(forward, "fwd", "bwdweights", 1)) }},
		{"Other networks, forward", []string{"alexnet", "googlenet", "resnet50", "vgg16", "vgg19", "corners"},
			func() []column { return seriesColumns("networks", forward) }},
		{"Forward on all threads", []string{"resnet34"}, func() []column {
			return seriesColumns("threads", strings.Replace(forward, "threads=1", "threads="+first.header["gomaxprocs"], 1))
		}},
	} {
		for _, net := range s.nets {
			t, err := r.layerTable(net, nil, s.of())
			if err != nil {
				return "", err
			}
			section(s.title+": "+networkTitle(net), t)
		}
	}
	section("Products, one thread", r.gemmTable("1"))
	if most := first.header["gomaxprocs"]; most != "1" {
		section("Products, "+most+" threads", r.gemmTable(most))
	}
	section("Pooling, batch normalisation, element-wise operations, one thread", r.memoryTable())
	section("Whole networks", r.netTable())
	b.WriteString("\n## Files\n\n")
	for _, p := range pieces() {
		if f := r[p.name]; f != nil {
			fmt.Fprintf(&b, "- [%s](%s), %s: %s, commit %s, `%s`\n", f.name, f.name, p.what, f.header["date"], f.header["commit"], f.header["command"])
		}
	}
	for _, name := range slices.Concat(kept, trainings) {
		if f := r[name]; f != nil {
			fmt.Fprintf(&b, "- [%s](%s), of longer runs: %s%s; its commands are in the file\n", f.name, f.name, f.header["date"], f.commit())
		}
	}
	return b.String(), nil
}

// newest returns the file of a piece that was written last or, without one, any.
func (r results) newest() *file {
	var last *file
	for _, p := range pieces() {
		if f := r[p.name]; f != nil && (last == nil || f.header["date"] >= last.header["date"]) {
			last = f
		}
	}
	for _, name := range slices.Concat(kept, trainings) {
		if last == nil {
			last = r[name]
		}
	}
	return last
}

// about says what a file's header does of the machine, the program and the day.
func (f *file) about() string {
	var said []string
	for _, part := range []struct{ before, key, after string }{
		{"", "cores", " cores"}, {"", "caches", ""}, {"", "tier", ""}, {"", "toolchain", ""}, {"commit ", "commit", ""}, {"", "date", ""},
	} {
		if v := f.header[part.key]; v != "" {
			said = append(said, part.before+v+part.after)
		}
	}
	return strings.Join(said, ", ")
}

// seriesColumns are all series of a piece.
func seriesColumns(piece, where string) (columns []column) {
	for _, s := range allSeries {
		if s.algo != "" {
			columns = append(columns, column{strings.TrimPrefix(s.title, "simdconv "), piece, s.query(), where})
		}
	}
	return columns
}

// chartTitle returns what a chart shows, for those who do not see it.
func chartTitle(name string) string {
	name = strings.TrimSuffix(name, ".svg")
	words := strings.Split(name, "_")
	if len(words) > 2 && words[0] == "layers" {
		pass := words[len(words)-1]
		net := strings.Join(words[1:len(words)-1], "_")
		return fmt.Sprintf("Layers of %s, %s, against the FMA roof", networkTitle(net), passTitles[pass])
	}
	titles := map[string]string{
		"roofline": "Roofline", "scaling": "Scaling over threads", "accuracy": "Time against error of each algorithm",
	}
	return titles[name]
}

// charts draws all charts that the results have and returns their files.
func (r results) charts(folder string) ([]string, error) {
	var names []string
	for _, draw := range []func(results, string) ([]string, error){layerCharts, rooflineChart, scalingChart, accuracyChart} {
		more, err := draw(r, folder)
		if err != nil {
			return nil, err
		}
		names = slices.Concat(names, more)
	}
	return names, nil
}
