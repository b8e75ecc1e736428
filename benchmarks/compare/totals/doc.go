// Package totals adds the layers of a network up: the sum of how often a layer
// occurs times its time, for each library, beside the measured whole where there
// is one.
package totals
