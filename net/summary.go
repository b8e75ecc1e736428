package net

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A row is one layer of the summary; a layer made of layers is one.
type row struct {
	name, class string
	nodes       []*Node
	in          []Value
	out         Value
}

// keras spells the classes that are called otherwise here.
var keras = map[string]string{
	"input": "InputLayer", "MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D",
	"GlobalAvgPool2D": "GlobalAveragePooling2D", "Concat": "Concatenate", "ReLULayer": "ReLU",
	"namedActivation": "Activation",
}

func className(l Layer) string {
	t := reflect.TypeOf(l)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := keras[t.Name()]; ok {
		return name
	}
	return t.Name()
}

// Summary returns a table of the layers with their output shapes and numbers
// of weights, and the sums, in the form of Keras 3's summary() on a terminal
// of 120 columns. Layers come in order of creation. Those of a Graph that is
// not a chain have a column with what they read.
func (m *Model) Summary() string {
	t := table{widths: []int{36, 27, 15}, header: []string{"Layer (type)", "Output Shape", "Param #"}}
	rows, chain := m.rows, m.chain()
	switch {
	case m.kind == "sequential":
		rows = rows[1:]
	case !chain:
		t = table{widths: []int{29, 25, 15, 26}, header: append(t.header, "Connected to")}
	}
	names := map[int]string{}
	for _, r := range m.rows {
		names[r.out.node] = r.name
	}
	for _, r := range rows {
		line := []string{r.name + " (" + r.class + ")", batched(r.out.shape), thousands(count(r.nodes, nil))}
		if len(t.header) == 4 {
			var from []string
			for _, v := range r.in {
				from = append(from, names[v.node]+"[0][0]")
			}
			if len(from) == 0 {
				from = []string{"-"}
			}
			line = append(line, strings.Join(from, ", "))
		}
		t.lines = append(t.lines, line)
	}
	trainable := count(m.nodes, func(p *Param) bool { return p.Trainable })
	total := m.Size()
	return fmt.Sprintf("Model: %q\n", m.kind) + t.String() +
		fmt.Sprintf(" Total params: %s (%s)\n", thousands(total), bytesOf(total)) +
		fmt.Sprintf(" Trainable params: %s (%s)\n", thousands(trainable), bytesOf(trainable)) +
		fmt.Sprintf(" Non-trainable params: %s (%s)\n", thousands(total-trainable), bytesOf(total-trainable))
}

// chain reports whether every layer reads the one before it and nothing else.
func (m *Model) chain() bool {
	for i, r := range m.rows {
		if len(r.in) != min(i, 1) || i > 0 && r.in[0].node != m.rows[i-1].out.node {
			return false
		}
	}
	return true
}

// count returns the number of values in the parameters that want picks.
func count(nodes []*Node, want func(*Param) bool) (n int) {
	for _, node := range nodes {
		for _, p := range node.Params {
			if want == nil || want(p) {
				n += len(p.Data)
			}
		}
	}
	return n
}

// batched writes a shape as Keras does: (None, 28, 28, 1).
func batched(s Shape) string {
	var b strings.Builder
	b.WriteString("(None")
	for _, d := range s {
		b.WriteString(", ")
		b.WriteString(strconv.Itoa(d))
	}
	b.WriteByte(')')
	return b.String()
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bytesOf writes the size of n float32 in the unit that fits.
func bytesOf(n int) string {
	size := 4 * float64(n)
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	for ; size >= 1024 && len(units) > 1; units = units[1:] {
		size /= 1024
	}
	return fmt.Sprintf("%.2f %s", size, units[0])
}

// A table has the borders of the Python package rich, the third column at the
// right.
type table struct {
	widths []int // of the text
	header []string
	lines  [][]string
}

func (t *table) String() string {
	var b strings.Builder
	t.rule(&b, "┏━┳┓")
	t.line(&b, "┃", t.header)
	t.rule(&b, "┡━╇┩")
	for i, line := range t.lines {
		if i > 0 {
			t.rule(&b, "├─┼┤")
		}
		t.line(&b, "│", line)
	}
	t.rule(&b, "└─┴┘")
	return b.String()
}

// rule draws a line from its left end, stroke, crossing and right end.
func (t *table) rule(b *strings.Builder, s string) {
	r := []rune(s)
	for i, w := range t.widths {
		b.WriteRune(r[min(2*i, 2)])
		b.WriteString(strings.Repeat(string(r[1]), w+2))
	}
	b.WriteRune(r[3])
	b.WriteByte('\n')
}

func (t *table) line(b *strings.Builder, bar string, cells []string) {
	height := 1
	wrapped := make([][]string, len(cells))
	for i, c := range cells {
		wrapped[i] = wrap(c, t.widths[i])
		height = max(height, len(wrapped[i]))
	}
	for y := range height {
		for i, w := range t.widths {
			text := ""
			if y < len(wrapped[i]) {
				text = wrapped[i][y]
			}
			space := strings.Repeat(" ", w-utf8.RuneCountInString(text))
			if i == 2 {
				text = space + text
			} else {
				text += space
			}
			b.WriteString(bar + " " + text + " ")
		}
		b.WriteString(bar + "\n")
	}
}

// wrap breaks a text between words. A word that is too long is cut.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	lines = append(lines, line)
	for i, l := range lines {
		if r := []rune(l); len(r) > width {
			lines[i] = string(r[:width-1]) + "…"
		}
	}
	return lines
}
