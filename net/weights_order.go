package net

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kerasPlaces returns the names of layers by their place in files of Keras:
// layers/conv2d_3 is the fourth Conv2D of kerasOrder.
func (m *Model) kerasPlaces() map[string]string {
	places, counts := map[string]string{}, map[string]int{}
	for _, r := range m.kerasOrder() {
		class := snakeCase(r.class)
		place := "layers/" + class
		if n := counts[class]; n > 0 {
			place = fmt.Sprintf("%s_%d", place, n)
		}
		counts[class]++
		places[place] = r.name
	}
	return places
}

// kerasOrder returns the layers in the order of Keras's model.layers: those
// with the longest way to an output first, and of two equally far away the one
// that a walk from the outputs, inputs in order, meets first (map_graph in
// keras/src/ops/function.py).
func (m *Model) kerasOrder() []row {
	byNode := map[int]int{} // the layer whose output a node is
	for i, r := range m.rows {
		byNode[r.out.node] = i
	}
	depth, met := make([]int, len(m.rows)), make([]int, len(m.rows))
	// Rows come after what they read.
	for i := len(m.rows) - 1; i >= 0; i-- {
		for _, v := range m.rows[i].in {
			j := byNode[v.node]
			depth[j] = max(depth[j], depth[i]+1)
		}
	}
	count := 0
	var todo []int
	for _, node := range slices.Backward(m.outputs) {
		todo = append(todo, byNode[node])
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if met[i] != 0 {
			continue
		}
		count++
		met[i] = count
		for _, v := range slices.Backward(m.rows[i].in) {
			todo = append(todo, byNode[v.node])
		}
	}
	order := make([]int, len(m.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		if depth[i] != depth[j] {
			return depth[j] - depth[i]
		}
		return met[i] - met[j]
	})
	rows := make([]row, len(order))
	for i, j := range order {
		rows[i] = m.rows[j]
	}
	return rows
}

var (
	wordBegins = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	caseRises  = regexp.MustCompile(`([a-z])([A-Z])`)
)

// snakeCase writes a class as Keras does in files: BatchNormalization is
// batch_normalization.
func snakeCase(class string) string {
	class = wordBegins.ReplaceAllString(class, "${1}_$2")
	return strings.ToLower(caseRises.ReplaceAllString(class, "${1}_$2"))
}
