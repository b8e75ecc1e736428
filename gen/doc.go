// Gen writes every file of package asm that is not written by hand, and the
// kernel switches of package micro:
//
//	spec.go      argument structs, flags            -> asm/args.go, asm/args_test.go
//	tile.go      one SGEMM register tile            -> asm/sgemm_<tier>_amd64.{s,go}
//	depthwise.go kernels of depthwise layers        -> asm/depthwise_<tier>_amd64.{s,go}
//	vector.go    element-wise kernels               -> asm/vector_<tier>_amd64.{s,go}
//	channels.go  kernels over rows of channels      -> asm/channels_<tier>_amd64.{s,go}
//	pool.go      pooling kernels                    -> asm/pool_<tier>_amd64.{s,go}
//	panel.go     tiles that pack or prefetch        -> asm/panel_<tier>_amd64.{s,go}
//	winograd.go  Winograd's transforms              -> asm/winograd_<tier>_amd64.{s,go}
//	transpose.go squares transposed in registers    -> asm/transpose_<tier>_amd64.{s,go}
//	gemv.go      products of few rows               -> asm/gemv_<tier>_amd64.{s,go}
//	stream.go    what ends stores past the caches   -> asm/stream_<tier>_amd64.{s,go}
//	dropout.go   dropout and its random numbers     -> asm/dropout_<tier>_amd64.{s,go}
//	roof.go      register-only FMA loops            -> asm/roof_<tier>_amd64.{s,go}
//	manifest.go  what was generated, and its bound  -> asm/manifest.go
//	dispatch.go  switches on the tier               -> kernels/micro/dispatch_<family>_amd64.go
//
// Kernels come in families, which family.go lists: one file of assembly for each
// tier (isa.go), which file.go begins, built of small emitters:
//
//	tiles         steps.go epilogue.go mask.go tiledoc.go, panel.go beside tile.go
//	element-wise  lanes.go stream.go function.go exp.go softmax.go finite.go optimizer.go
//	channels      lanes.go stream.go columns.go
//	transposition lanes.go transpose_at.go colors.go
//	pooling       lanes.go stream.go pool_max.go pool_pair.go
//	Winograd      vectors.go winograd_planes.go winograd_pixels.go winograd_points.go,
//	              winograd_tile4.go winograd_tile6.go winograd_tile8.go
//
// [lint] (lint.go) refuses a kernel that breaks the contract in package asm's
// documentation before main.go writes anything.
//
//	families ──► emitters, for AVX2 and AVX-512 ──► lint ──► asm/*.s, stubs
//	                        │                                manifest, dispatch
//	                 argStructs ──► asm/args.go
//
// README.md walks through a new kernel.
//
// Run it through go generate ./asm from the root; the output is the same byte
// for byte each time.
package main
