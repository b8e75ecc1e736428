package net

import (
	"strings"
	"testing"
)

// The table of a graph with branches, in Keras 3's form: a column says what
// each layer reads, and a name that is too long is cut.
const branches = `Model: "functional"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                  ┃ Output Shape              ┃         Param # ┃ Connected to               ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ input_layer (InputLayer)      │ (None, 8, 8, 16)          │               0 │ -                          │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ conv2d (Conv2D)               │ (None, 8, 8, 16)          │           2,320 │ input_layer[0][0]          │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ batch_normalization           │ (None, 8, 8, 16)          │              64 │ conv2d[0][0]               │
│ (BatchNormalization)          │                           │                 │                            │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ add (Add)                     │ (None, 8, 8, 16)          │               0 │ batch_normalization[0][0], │
│                               │                           │                 │ input_layer[0][0]          │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ a_layer_with_a_name_that_is_… │ (None, 16)                │               0 │ add[0][0]                  │
│ (GlobalAveragePooling2D)      │                           │                 │                            │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ dense (Dense)                 │ (None, 3)                 │              51 │ a_layer_with_a_name_that_… │
└───────────────────────────────┴───────────────────────────┴─────────────────┴────────────────────────────┘
 Total params: 2,435 (9.51 KB)
 Trainable params: 2,403 (9.39 KB)
 Non-trainable params: 32 (128.00 B)
`

func TestSummaryBranches(t *testing.T) {
	g := NewGraph()
	x := g.Input(8, 8, 16)
	z := g.Apply(BatchNormalization{}, g.Apply(Conv2D{Filters: 16, KernelSize: 3, Padding: Same}, x))
	y := g.Apply(GlobalAvgPool2D{Name: "a_layer_with_a_name_that_is_too_long"}, g.Apply(Add{}, z, x))
	m, err := g.Model(g.Apply(Dense{Units: 3, Activation: Softmax}, y))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Summary(); got != branches {
		t.Errorf("got\n%s\nwant\n%s", got, branches)
	}
}

// A graph that is a chain has three columns, and its input as a row.
func TestSummaryChain(t *testing.T) {
	g := NewGraph()
	m, err := g.Model(g.Apply(ReLULayer{}, g.Apply(MaxPool2D{}, g.Apply(ZeroPadding2D{}, g.Input(2, 2, 1)))))
	if err != nil {
		t.Fatal(err)
	}
	s := m.Summary()
	if strings.Contains(s, "Connected") {
		t.Errorf("a chain says what it is connected to:\n%s", s)
	}
	for _, row := range []string{
		"│ input_layer (InputLayer)             │ (None, 2, 2, 1)             │               0 │\n",
		"│ zero_padding2d (ZeroPadding2D)       │ (None, 4, 4, 1)             │               0 │\n",
		"│ max_pooling2d (MaxPooling2D)         │ (None, 2, 2, 1)             │               0 │\n",
		"│ re_lu (ReLU)                         │ (None, 2, 2, 1)             │               0 │\n",
		" Non-trainable params: 0 (0.00 B)\n",
	} {
		if !strings.Contains(s, row) {
			t.Errorf("no row %s in\n%s", row, s)
		}
	}
}
