package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/simdconv/simdconv/benchmarks/shapes"
)

// readmeProducts are the products in the root's README.md, m x n x k.
var readmeProducts = [][3]int{
	{64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
	{12544, 64, 147}, {3136, 64, 576}, {784, 128, 1152}, {196, 256, 2304}, {49, 512, 4608}, {32, 128, 2304},
}

// productsText compares some products over libraries, and with oneDNN on all
// threads.
func (r results) productsText(folder string) (string, error) {
	f := r["gemm"]
	most := f.header["gomaxprocs"]
	columns := []struct{ title, impl, threads string }{
		{"**simdconv**", "simdconv", "1"}, {"oneDNN", "onednn", "1"}, {"OpenBLAS", "openblas", "1"}, {"BLIS", "blis", "1"},
		{"**simdconv, " + most + " threads**", "simdconv", most}, {"oneDNN, " + most + " threads", "onednn", most},
	}
	if most == "1" {
		columns = columns[:4]
	}
	t := table{head: []string{"m x n x k, % of the FMA peak"}}
	for _, c := range columns {
		t.head = append(t.head, c.title)
	}
	means := map[string]*mean{"1": {}, most: {}}
	for _, p := range readmeProducts {
		cells := []string{fmt.Sprintf("%d x %d x %d", p[0], p[1], p[2])}
		own := 0.0
		for _, c := range columns {
			cell := ""
			v, ok := f.value("%peak", fmt.Sprintf("impl=%s m=%d n=%d k=%d threads=%s cache=", c.impl, p[0], p[1], p[2], c.threads))
			if ok {
				cell = figure(v)
			}
			switch c.impl {
			case "simdconv":
				own = v
			case "onednn":
				means[c.threads].add(own / v)
			}
			cells = append(cells, cell)
		}
		t.rows = append(t.rows, cells)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Matrix products, `C = A*B` with packing in each call, warm, medians of the samples in %s", f.source(folder))
	if versions := f.versions(); versions != "" {
		fmt.Fprintf(&b, "; %s", versions)
	}
	fmt.Fprintf(&b, ":\n\n%s\n", t)
	if one := means["1"]; one.n > 0 {
		fmt.Fprintf(&b, "The geometric mean of our rates over oneDNN's is %.2f on one thread", one.value())
		if all := means[most]; most != "1" && all.n > 0 {
			fmt.Fprintf(&b, ", %.2f on %s", all.value(), most)
		}
		b.WriteString(".\n")
	}
	return b.String(), nil
}

// A mean is a geometric one.
type mean struct{ sum, n float64 }

// add leaves out what is no ratio.
func (m *mean) add(v float64) {
	if v > 0 && !math.IsInf(v, 0) {
		m.sum += math.Log(v)
		m.n++
	}
}

func (m *mean) value() float64 { return math.Exp(m.sum / m.n) }

// sumsOf returns the text of a section with the sums over networks' layers in a file.
func sumsOf(file string) func(r results, folder string) (string, error) {
	return func(r results, folder string) (string, error) { return r[file].sums(folder) }
}

// sums has the sums over networks' layers, relative to ours.
func (f *file) sums(folder string) (string, error) {
	t := table{head: []string{"", "images", "threads", "oneDNN best", "oneDNN NHWC"}}
	done := map[string]bool{}
	var steps [][]string
	for _, own := range f.find("impl=simdconv algo=auto cache= pack=") {
		k := own.keys
		where := fmt.Sprintf("n=%s threads=%s cache= pack=", k["n"], k["threads"])
		key := k["net"] + k["pass"] + where
		if done[key] {
			continue
		}
		done[key] = true
		title := networkTitle(k["net"])
		line := func(title string, of ...string) ([]string, error) {
			cells := []string{title, k["n"], k["threads"]}
			ours, ok1, err := f.seconds(k["net"], "impl=simdconv "+where, of, "auto")
			if err != nil {
				return nil, err
			}
			for _, algos := range [][]string{{"auto", "direct"}, {"direct"}} {
				theirs, ok2, err := f.seconds(k["net"], "impl=onednn "+where, of, algos...)
				if err != nil {
					return nil, err
				}
				text := ""
				if ok1 && ok2 {
					text = ratio(theirs / ours)
				}
				cells = append(cells, text)
			}
			return cells, nil
		}
		cells, err := line(title+", "+passTitles[k["pass"]], k["pass"])
		if err != nil {
			return "", err
		}
		t.rows = append(t.rows, cells)
		if k["pass"] == "fwd" {
			if cells, err = line(title+", a step of training", "fwd", "bwddata", "bwdweights"); err != nil {
				return "", err
			}
			if cells[3] != "" {
				steps = append(steps, cells)
			}
		}
	}
	t.rows = append(t.rows, steps...)
	version, _, _ := strings.Cut(f.header["onednn"], ",")
	return fmt.Sprintf("Time relative to simdconv auto's, oneDNN %s, %s, by these commands:\n\n%s\n%s", version, f.source(folder), f.commandList(), t), nil
}

// seconds adds up the time of all layers in some passes, each by the fastest of some
// algorithms. A step of training needs no gradient of the first layer's input.
func (f *file) seconds(net, where string, passes []string, algos ...string) (sum float64, ok bool, err error) {
	layers, err := shapes.Layers(net)
	for _, pass := range passes {
		for i, l := range layers {
			if pass == "bwddata" && len(passes) > 1 && i == 0 {
				continue
			}
			least := math.Inf(1)
			for _, algo := range algos {
				if v, ok := f.value("sec/op", fmt.Sprintf("net=%s layer=%s pass=%s algo=%s %s", net, l.Name, pass, algo, where)); ok && v > 0 {
					least = min(least, v)
				}
			}
			sum += float64(l.Times) * least
		}
	}
	return sum, !math.IsInf(sum, 0), err
}

// coldMemoryText has the operations that memory bounds, ours and oneDNN's.
func (r results) coldMemoryText(folder string) (string, error) {
	f := r["peers_memory"]
	rows := f.find("impl=simdconv")
	if len(rows) == 0 {
		return fmt.Sprintf("No rows of simdconv in %s.\n", f.source(folder)), nil
	}
	first := rows[0].keys
	settings := []struct{ title, where string }{
		{"one thread", "threads=1 isa=" + first["isa"]},
		{"two threads", "threads=2 isa=" + first["isa"]},
		{"AVX2, one thread", "threads=1 isa=avx2"},
	}
	t := table{head: []string{"ours / oneDNN's"}}
	for _, s := range settings {
		t.head = append(t.head, s.title)
	}
	for _, own := range f.find("impl=simdconv " + settings[0].where) {
		k := own.keys
		cells := []string{strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %sx%sx%s",
			strings.TrimPrefix(own.bench, "Pool"), k["op"], k["window"], k["pass"], k["h"], k["h"], k["c"])), " ")}
		for _, s := range settings {
			where := s.where
			for _, key := range []string{"op", "window", "pass", "h", "c", "n"} {
				where += " " + key + "=" + k[key]
			}
			text := ""
			ours, ok1 := f.of(own.bench, "impl=simdconv "+where)
			theirs, ok2 := f.of(own.bench, "impl=onednn "+where)
			if ok1 && ok2 {
				text = figure(ours) + " / " + figure(theirs)
			}
			cells = append(cells, text)
		}
		t.rows = append(t.rows, cells)
	}
	return fmt.Sprintf("`%%stream`, simdconv / oneDNN, of %s images, caches emptied before each call, %s, by these commands:\n\n%s\n%s",
		first["n"], f.source(folder), f.commandList(), t), nil
}

// of returns %stream of the only row of a benchmark and query.
func (f *file) of(bench, query string) (v float64, ok bool) {
	n := 0
	for _, r := range f.find(query) {
		if r.bench == bench {
			v, ok = r.values["%stream"]
			n++
		}
	}
	return v, ok && n == 1
}

// avx2Text has layers and products where every library is held to AVX2.
func (r results) avx2Text(folder string) (string, error) {
	const piece = "peers_avx2"
	f := r[piece]
	columns := []column{
		{"simdconv auto", piece, "impl=simdconv algo=auto", forward},
		{"simdconv direct", piece, "impl=simdconv algo=direct", forward},
		{"oneDNN NHWC", piece, "impl=onednn algo=direct", forward},
		{"oneDNN best", piece, "impl=onednn algo=auto", forward},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "One thread, one image, %s, by these commands:\n\n%s", f.source(folder), f.commandList())
	for _, net := range []string{"resnet34", "lecture_cnn"} {
		t, err := r.layerTable(net, nil, columns)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n%s", t)
	}
	products := slices.DeleteFunc(f.find("impl=simdconv cache= threads=1"), func(r row) bool { return r.bench != "Gemm" })
	fmt.Fprintf(&b, "\n%s", f.libraryTable("m x n x k, % of the FMA peak", "%peak", products,
		[]string{"m", "n", "k", "threads", "cache"},
		func(r row) string { return fmt.Sprintf("%s x %s x %s", r.keys["m"], r.keys["n"], r.keys["k"]) }))
	return b.String(), nil
}
