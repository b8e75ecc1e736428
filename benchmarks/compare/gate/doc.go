// Package gate decides whether a working tree is slower than the commit it
// starts from. The documentation of the command above it says how.
//
//	options.go    flags
//	repo.go       which commit, and its files
//	program.go    one side, built and run
//	rounds.go     both sides, alternately
//	results.go    what they print ──┐
//	yardstick.go  how fast it could │
//	judge.go      is it slower? ◄───┘
//	stats.go      estimates and tests
//	gate.go       all of it, twice
package gate
