// Package onnxruntime is ONNX Runtime as a peer, by cgo under the build tag
// onnxruntime. Models of one node are written in memory.
package onnxruntime

import "github.com/simdconv/simdconv/benchmarks/compare/peers"

// Peer is ONNX Runtime, whose shared library is in the package of npm.
var Peer = peers.Peer{
	Name:    "onnxruntime",
	Tag:     "onnxruntime",
	Install: "npm install --prefix=/tmp/ort --ignore-scripts onnxruntime-node, then -onnxruntime=/tmp/ort/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1",
	File:    "libonnxruntime.so.1",
	Open:    open,
}
