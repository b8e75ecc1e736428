// Package report measures the whole suite once and makes tables and charts of it.
// The documentation of the command above it says how to run it.
//
//	pieces.go    what is measured: one run of go test for each file
//	run.go       runs a piece ──► benchmarks/results/<cpu>/<piece>.txt
//	machine.go   the header of those files, and the name of their folder
//	results.go   reads them ──┬──► tables.go, page.go    the folder's README.md
//	                          ├──► readme.go             the table in the root's README.md
//	                          └──► layers.go, roofline.go, scaling.go, accuracy.go
//	                               charts as *.svg, drawn by style.go, ticks.go and bars.go
//
// Charts have no background and are drawn in tones that can be told from white and
// from near black alike.
package report
