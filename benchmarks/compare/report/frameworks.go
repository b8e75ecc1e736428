package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readmeNetworks are the rows of whole networks in the root's README.md.
var readmeNetworks = []struct{ title, where string }{
	{"ResNet-34, 224x224, one image, one thread", "net=resnet34 pass=infer n=1 threads=1"},
	{"the same, eight images", "net=resnet34 pass=infer n=8 threads=1"},
	{"the same, two threads", "net=resnet34 pass=infer n=8 threads=2"},
	{"a step of training with them, two threads", "net=resnet34 pass=train n=8 threads=2"},
	{"the lecture's CNN, 32 images, two threads", "net=lecture_cnn pass=infer n=32 threads=2"},
	{"a step of training with them", "net=lecture_cnn pass=train n=32 threads=2"},
	{"VGG-16, one image, one thread", "net=vgg16 pass=infer n=1 threads=1"},
}

// networksText compares some whole networks over frameworks.
func (r results) networksText(folder string) (string, error) {
	f := r["peers_frameworks"]
	impls, titles := f.programs()
	t := table{head: slices.Concat([]string{"% of the FMA peak (ms)"}, titles)}
	for _, n := range readmeNetworks {
		t.rows = append(t.rows, append([]string{n.title}, f.whole(n.where, impls)...))
	}
	return fmt.Sprintf("Whole networks, processes by turns, medians of the rounds in %s, whose lines `# command` say how:\n\n%s\n", f.source(folder), t), nil
}

// frameworksText has all rows of whole networks.
func (r results) frameworksText(folder string) (string, error) {
	return r["peers_frameworks"].wholeNetworks(folder), nil
}

// frameworksAVX2Text has those held to AVX2.
func (r results) frameworksAVX2Text(folder string) (string, error) {
	return r["peers_frameworks_avx2"].wholeNetworks(folder), nil
}

// trainingMemoryText has what a step of training has resident.
func (r results) trainingMemoryText(folder string) (string, error) {
	f := r["peers_training_memory"]
	t := table{head: []string{"", "MiB", "of simdconv's"}}
	ours := map[string]float64{}
	if own := f.find("impl="); len(own) > 0 {
		ours = own[0].values
	}
	own := ours["peak-MiB"]
	for _, r := range f.rows {
		title, most := r.keys["impl"], r.values["peak-MiB"]
		if title == "" {
			title = "simdconv"
		} else if r.by != "" {
			title = r.by
		}
		share := ""
		if own > 0 {
			share = ratio(most / own)
		}
		t.rows = append(t.rows, []string{title, figure(most), share})
	}
	text := fmt.Sprintf("Medians of the runs in %s, by these commands:\n\n%s\n%s", f.source(folder), f.commandList(), t)
	if planned, naive := ours["planned-MiB"], ours["naive-MiB"]; planned > 0 && naive > 0 {
		text += fmt.Sprintf("\nOur activations and their gradients are %s of it as planned, %s if no buffer were used twice.\n", figure(planned), figure(naive))
	}
	return text, nil
}

func (f *file) wholeNetworks(folder string) string {
	impls, titles := f.programs()
	t := table{head: slices.Concat([]string{"network", "pass", "images", "threads"}, titles)}
	for _, own := range f.find("impl=simdconv") {
		k := own.keys
		where := fmt.Sprintf("net=%s pass=%s n=%s threads=%s", k["net"], k["pass"], k["n"], k["threads"])
		t.rows = append(t.rows, append([]string{k["net"], k["pass"], k["n"], k["threads"]}, f.whole(where, impls)...))
	}
	slices.SortStableFunc(t.rows, func(a, b []string) int {
		for i := range 2 {
			if c := strings.Compare(a[i], b[i]); c != 0 {
				return c
			}
		}
		return 100*(number(a[2])-number(b[2])) + number(a[3]) - number(b[3])
	})
	times := table{head: slices.Concat([]string{"time relative to simdconv's", "pass", "images", "threads"}, titles)}
	for _, cells := range t.rows {
		where := fmt.Sprintf("net=%s pass=%s n=%s threads=%s", cells[0], cells[1], cells[2], cells[3])
		times.rows = append(times.rows, append(slices.Clone(cells[:4]), f.relative(where, impls)...))
	}
	return fmt.Sprintf("`%%peak`, and in brackets milliseconds, medians of the rounds in %s, by these commands:\n\n%s\n%s\n%s",
		f.source(folder), f.commandList(), t, times)
}

// relative returns a network's time by each program over that of simdconv.
func (f *file) relative(where string, impls []string) (cells []string) {
	own, ok := f.value("sec/op", "impl=simdconv cache= "+where)
	for _, impl := range impls {
		cell := ""
		if v, ok2 := f.value("sec/op", "impl="+impl+" cache= "+where); ok && ok2 && own > 0 {
			cell = ratio(v / own)
		}
		cells = append(cells, cell)
	}
	return cells
}

// programs returns what ran the rows of a file, in its order, and their versions.
func (f *file) programs() (impls, titles []string) {
	for _, r := range f.rows {
		if impl := r.keys["impl"]; !slices.Contains(impls, impl) {
			title, _, _ := strings.Cut(r.by, ",")
			if title == "" || impl == "simdconv" {
				title = impl
			}
			impls, titles = append(impls, impl), append(titles, title)
		}
	}
	return impls, titles
}

// whole returns a network's share of the peak and its time by each program.
func (f *file) whole(where string, impls []string) (cells []string) {
	for _, impl := range impls {
		cell := ""
		query := "impl=" + impl + " cache= " + where
		peak, ok1 := f.value("%peak", query)
		time, ok2 := f.value("sec/op", query)
		if ok1 && ok2 {
			cell = fmt.Sprintf("%s (%s)", figure(peak), milliseconds(time))
		}
		cells = append(cells, cell)
	}
	return cells
}

// milliseconds prints three digits at least.
func milliseconds(seconds float64) string {
	digits := 0
	switch v := 1e3 * seconds; {
	case v < 9.995:
		digits = 2
	case v < 99.95:
		digits = 1
	}
	return strconv.FormatFloat(1e3*seconds, 'f', digits, 64)
}
