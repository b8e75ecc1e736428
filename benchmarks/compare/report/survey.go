package report

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"
)

// surveyed is what the peers did on another machine.
//
//go:embed survey.txt
var surveyed string

// A surveyColumn is an operation of a peer: in the layout that we have, or the best of
// layouts and algorithms.
type surveyColumn struct {
	title, query string
	algos        []string
}

var surveyLayers = []surveyColumn{
	{"forward NHWC", "impl=onednn pass=fwd", []string{"direct"}}, {"forward best", "impl=onednn pass=fwd", []string{"auto", "direct"}},
	{"input's gradient NHWC", "impl=onednn pass=bwddata", []string{"direct"}}, {"input's gradient best", "impl=onednn pass=bwddata", []string{"auto", "direct"}},
	{"weights' gradient NHWC", "impl=onednn pass=bwdweights", []string{"direct"}}, {"weights' gradient best", "impl=onednn pass=bwdweights", []string{"auto", "direct"}},
}

var surveyProducts = []surveyColumn{
	{"oneDNN", "impl=onednn", []string{""}}, {"OpenBLAS", "impl=openblas", []string{""}},
	{"BLIS", "impl=blis", []string{""}}, {"Gonum", "impl=gonum", []string{""}},
}

// surveyText compares the peers' shares of the peak with those on another machine.
func (r results) surveyText(folder string) (string, error) {
	there, err := parseFile("survey.txt", []byte(surveyed))
	if err != nil {
		return "", err
	}
	layers, products := r["peers_totals"], r["gemm"]
	s := survey{there: there, count: map[string][2]int{}}
	images := s.table("oneDNN's layers, one image", layers, there.find("impl=onednn algo=direct pass=fwd"), surveyLayers,
		[]string{"net", "layer", "n"}, func(k map[string]string) string {
			if k["n"] != "1" {
				return ""
			}
			return k["net"] + " " + k["layer"]
		})
	squares := s.table("m x n x k", products, slices.DeleteFunc(there.find("impl=onednn"), func(r row) bool { return r.bench != "Gemm" }), surveyProducts,
		[]string{"m", "n", "k"}, func(k map[string]string) string { return k["m"] + " x " + k["n"] + " x " + k["k"] })

	near := table{head: []string{"within a tenth, of", "one thread", "two threads"}}
	for _, c := range append(surveyLayers[:len(surveyLayers):len(surveyLayers)], surveyProducts...) {
		cells := []string{c.title}
		for _, threads := range []string{"1", "2"} {
			n := s.count[c.title+threads]
			cells = append(cells, fmt.Sprintf("%d of %d", n[0], n[1]))
		}
		near.rows = append(near.rows, cells)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Shares of the peak, %s / this machine, of [peers_totals.txt](%s/peers_totals.txt)", there.header["machine"], folder)
	if products != nil {
		fmt.Fprintf(&b, " and [gemm.txt](%s/gemm.txt)", folder)
	}
	fmt.Fprintf(&b, ", one thread; `*` marks what differs by more than a tenth.\n\n%s\n", images)
	if products != nil {
		fmt.Fprintf(&b, "%s\n", squares)
	}
	fmt.Fprintf(&b, "All rows that both have, batches of 8 and 32 too:\n\n%s", near)
	return b.String(), nil
}

// A survey counts how many figures of each column and number of threads are near those
// of another machine, and how many there are.
type survey struct {
	there *file
	count map[string][2]int
}

// table compares rows; those on one thread that have a name are shown.
func (s *survey) table(head string, here *file, rows []row, columns []surveyColumn, keys []string, name func(map[string]string) string) table {
	t := table{head: []string{head}}
	for _, c := range columns {
		t.head = append(t.head, c.title)
	}
	for _, r := range rows {
		where := "cache= pack= threads=" + r.keys["threads"]
		for _, k := range keys {
			where += " " + k + "=" + r.keys[k]
		}
		cells := []string{name(r.keys)}
		for _, c := range columns {
			cells = append(cells, s.cell(c.title+r.keys["threads"], s.there.best(where+" "+c.query, c.algos), here.best(where+" "+c.query, c.algos)))
		}
		if cells[0] != "" && r.keys["threads"] == "1" && strings.Join(cells[1:], "") != "" {
			t.rows = append(t.rows, cells)
		}
	}
	return t
}

// cell compares two figures, and counts them if there are both.
func (s *survey) cell(column string, there, here float64) string {
	if there == 0 || here == 0 {
		return ""
	}
	n := s.count[column]
	n[1]++
	far := "*"
	if math.Abs(here/there-1) <= 0.1 {
		n[0]++
		far = ""
	}
	s.count[column] = n
	return figure(there) + "/" + figure(here) + far
}

// best is the largest share of the peak of some algorithms, 0 if there is none.
func (f *file) best(query string, algos []string) (share float64) {
	for _, a := range algos {
		if v, ok := f.value("%peak", query+" algo="+a); ok {
			share = math.Max(share, v)
		}
	}
	return share
}
