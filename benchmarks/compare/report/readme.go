package report

import (
	"fmt"
	"path"
	"strings"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// readmeLayers are the layers in the root's README.md: one of each kind.
var readmeLayers = []struct {
	net    string
	layers []string
}{
	{"resnet34", []string{"conv1_7x7s2", "conv2_3x3", "conv3_3x3", "conv4_3x3", "conv5_3x3"}},
	{"lecture_cnn", []string{"conv1_7x7", "conv3_3x3"}},
}

const (
	forward     = "pass=fwd n=1 threads=1 pack= cache="
	forwardCold = "pass=fwd n=1 threads=1 pack= cache=cold"
)

// readmeColumns are what README.md compares.
var readmeColumns = []column{
	{"naive", "algorithms", "impl=simdconv algo=naive", forward},
	{"im2col", "conv", "impl=simdconv algo=im2col", forward},
	{"direct", "conv", "impl=simdconv algo=direct", forward},
	{"**auto**", "conv", "impl=simdconv algo=auto", forward},
	{"oneDNN best", "conv", "impl=onednn algo=auto", forward},
	{"oneDNN NHWC", "conv", "impl=onednn algo=direct", forward},
	{"ONNX Runtime", "conv", "impl=onnxruntime algo=auto", forward},
	{"**auto, cold**", "cold", "impl=simdconv algo=auto", forwardCold},
	{"oneDNN best, cold", "cold", "impl=onednn algo=auto", forwardCold},
}

// layersText is the table of layers, for results in a folder given as a path from
// the root.
func (r results) layersText(folder string) (string, error) {
	conv := r["conv"]
	var b strings.Builder
	fmt.Fprintf(&b, "Forward, one image, one thread, weights packed before, warm caches unless a column says cold. %s, %s cores, %s, %s, %s.\n",
		conv.header["machine"], conv.header["cores"], conv.header["caches"], conv.header["tier"], conv.header["date"])
	if peak, ok := r["roof"].value("GFLOP/s", "op=fma threads=1 isa="+conv.header["tier"]); ok {
		fmt.Fprintf(&b, "100 is a loop of multiply-adds on registers run beside each row, about %.0f GFLOP/s. Naive loops are compared with it, too, not with the generic tier's.\n", peak)
	}
	b.WriteString("A row's name is its window, /2 for stride 2, its map and channels, and its output channels.")
	if versions := conv.versions(); versions != "" {
		fmt.Fprintf(&b, " %s.", versions)
	}
	b.WriteString("\n")
	var rows [][]string
	var all table
	for _, n := range readmeLayers {
		t, err := r.layerTable(n.net, n.layers, readmeColumns)
		if err != nil {
			return "", err
		}
		all.head = t.head
		for _, cells := range t.rows {
			cells[0] = networkTitle(n.net) + ": " + cells[0]
			rows = append(rows, cells)
		}
	}
	all.head[0] = "% of the FMA peak"
	all.rows = rows
	fmt.Fprintf(&b, "\n%s\n", all)
	fmt.Fprintf(&b, "The figures are from [%s](%s/README.md), which has all rows and charts; its files were written by `make report`, which ran\n\n", path.Base(folder), folder)
	for _, name := range []string{"algorithms", "conv", "cold"} {
		if f := r[name]; f != nil {
			fmt.Fprintf(&b, "- [%s](%s/%s): `%s`\n", f.name, folder, f.name, f.header["command"])
		}
	}
	if len(conv.find("net=resnet34 "+forward)) > 0 {
		const chart = "layers_resnet34_fwd.svg"
		fmt.Fprintf(&b, "\n![%s](%s/%s)\n", chartTitle(chart), folder, chart)
	}
	return b.String(), nil
}

// versions returns the peers of a file, as its header has them. This library's is
// the commit, which stands elsewhere.
func (f *file) versions() string {
	if f == nil {
		return ""
	}
	var all []string
	for _, s := range libraries() {
		if about := f.header[s.impl]; about != "" && s.impl != suite.Impl && len(f.find("impl="+s.impl)) > 0 {
			version, _, _ := strings.Cut(strings.TrimPrefix(about, s.title+" "), ",")
			version, _, _ = strings.Cut(version, " ")
			all = append(all, s.title+" "+version)
		}
	}
	return strings.Join(all, ", ")
}
