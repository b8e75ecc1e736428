// Gen writes every file of package asm that is not written by hand, and the
// kernel switch of package micro:
//
//	spec.go     argument structs, flags           -> asm/args.go, asm/args_test.go
//	tile.go     one SGEMM register tile           -> asm/sgemm_<tier>_amd64.{s,go}
//	roof.go     register-only FMA loops           -> asm/roof_<tier>_amd64.{s,go}
//	manifest.go what was generated, and its bound -> asm/manifest.go
//	dispatch.go the switch on tier and rows       -> kernels/micro/dispatch_amd64.go
//
// A kernel is a [kernel] value: a name, a tier and a body that calls small
// emitters (tile.go, epilogue.go). [lint] refuses a kernel that breaks the
// contract in package asm's documentation before anything is written.
//
// Run it through go generate ./asm from the root; the output is the same byte
// for byte each time.
package main
