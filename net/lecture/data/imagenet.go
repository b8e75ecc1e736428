package data

import (
	_ "embed"
	"strings"
)

//go:embed imagenet.txt
var imageNet string

// ImageNet returns the names of ImageNet's 1000 classes, each a list of synonyms.
// LICENSE.imagenet has where they are from. As in Keras's own list a crane is
// both a bird, 134, and a machine, 517, and a maillot 638 and 639.
func ImageNet() []string { return strings.Split(strings.TrimSpace(imageNet), "\n") }
