module github.com/simdconv/simdconv/kernels/gonumblas

go 1.25.0

// For work in this tree; users of the module get the version it requires.
replace github.com/simdconv/simdconv => ../..

require (
	github.com/simdconv/simdconv v0.0.1
	gonum.org/v1/gonum v0.17.0
)

require (
	github.com/klauspost/cpuid/v2 v2.4.2 // indirect
	golang.org/x/sys v0.41.0 // indirect
)
