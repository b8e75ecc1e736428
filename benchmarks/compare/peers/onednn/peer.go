// Package onednn is Intel's oneDNN as a peer, by cgo under the build tag onednn,
// in versions 2 and 3.
package onednn

import "github.com/simdconv/simdconv/benchmarks/compare/peers"

// Peer is oneDNN.
var Peer = peers.Peer{
	Name:    "onednn",
	Tag:     "onednn",
	Install: "apt-get install libdnnl-dev",
	Open:    open,
}
