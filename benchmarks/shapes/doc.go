// Package shapes holds what is benchmarked, as data: the convolutions of
// networks and the sizes of matrix products.
//
//	resnet34.txt ─┐  ReadLayers    []Layer    one per distinct layer,
//	vgg16.txt ... ┴──────────────►            Times says how often
//	gemm.txt ────────────────────► []Product  m x n x k
//	                 ReadProducts
//
// The files are embedded. A file is text with one row a line; # starts a
// comment that ends with the line, blank lines are skipped, and columns are
// separated by spaces or tabs.
//
// A file of layers is named after its network. Its columns are
//
//	name    lower-case letters, digits and underscores; unique in the file
//	c h w   channels, height and width of the input
//	k       output channels
//	r s     height and width of the kernel
//	stride  the same both ways
//	pad     same (as Keras), valid (none) or top,bottom,left,right
//	times   how many layers of the network are like this one
//
// There is no batch size, which is the benchmark's to choose, and there are no
// groups. The time of a network's convolutions is the sum of times x time over
// its rows. A new file is a new network: nothing else has to be told.
//
// The columns of gemm.txt are m, n and k.
package shapes
