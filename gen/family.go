package main

import "github.com/mmcloughlin/avo/build"

// A family is a set of kernels that share a file of each tier.
type family struct {
	name     string                     // as in file names
	file     func(*isa) *build.Context  // a tier's kernels
	entries  func(*isa) []manifestEntry // what the manifest says of them
	dispatch func() []byte              // kernels/micro/dispatch_<name>_amd64.go, or nil
}

// A manifestEntry is a kernel in the manifest; rows and nr are 0 for kernels
// that are no register tiles.
type manifestEntry struct {
	name     string
	rows, nr int
}

// families is everything that is generated, in the order of the manifest.
var families = []family{
	{"sgemm", sgemmFile, sgemmEntries, sgemmDispatch},
	{"depthwise", depthwiseFile, depthwiseEntries, depthwiseDispatch},
	{"vector", vectorFile, vectorEntries, vectorDispatch},
	{"channels", channelsFile, channelsEntries, channelsDispatch},
	{"stream", streamFile, streamEntries, streamDispatch},
	{"prefetch", prefetchFile, prefetchEntries, prefetchDispatch},
	{"dropout", dropoutFile, dropoutEntries, dropoutDispatch},
	{"pool", poolFile, poolEntries, poolDispatch},
	{"panel", panelFile, panelEntries, panelDispatch},
	{"transpose", transposeFile, transposeEntries, transposeDispatch},
	{"gemv", gemvFile, gemvEntries, gemvDispatch},
	{"roof", roofFile, roofEntries, roofDispatch},
	{"winograd", winogradFile, winogradEntries, winogradDispatch},
}
