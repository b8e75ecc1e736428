// Package report measures the whole suite once and makes tables and charts of it.
// The documentation of the command above it says how to run it.
//
//	pieces.go    what is measured: one run of go test for each file
//	run.go       runs a piece ──► benchmarks/results/<cpu>/<piece>.txt
//	machine.go   the header of those files, and the name of their folder
//	results.go   reads them, and what longer runs left there
//	   ├──► tables.go, page.go                          the folder's README.md
//	   ├──► sections.go: readme.go, texts.go,           the sections of other README.md,
//	   │    frameworks.go, training.go                  which name their folder
//	   └──► layers.go, roofline.go, scaling.go,         charts as *.svg, drawn by style.go,
//	        accuracy.go                                 ticks.go and bars.go
//
// Charts have no background and are drawn in tones that can be told from white and
// from near black alike.
package report
