package main

import (
	"context"
	"os"
)

// What `lecture summary` prints of the lecture's fully connected network.
func Example() {
	run(context.Background(), []string{"summary", "-model", "dense"}, os.Stdout, os.Stderr)
	// Output:
	// Model: "sequential"
	// ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
	// ┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
	// ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
	// │ flatten (Flatten)                    │ (None, 784)                 │               0 │
	// ├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
	// │ dense (Dense)                        │ (None, 300)                 │         235,500 │
	// ├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
	// │ dense_1 (Dense)                      │ (None, 100)                 │          30,100 │
	// ├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
	// │ dense_2 (Dense)                      │ (None, 10)                  │           1,010 │
	// └──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
	//  Total params: 266,610 (1.02 MB)
	//  Trainable params: 266,610 (1.02 MB)
	//  Non-trainable params: 0 (0.00 B)
	//  Peak memory of a batch of 32: training 0.1 MB (0.1 MB if no buffer were used twice), inference 0.0 MB (0.1 MB if no buffer were used twice)
}
