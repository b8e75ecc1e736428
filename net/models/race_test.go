//go:build race

package models_test

// raceEnabled shortens what the race detector makes ten times slower and what
// runs no other code than shorter tests.
const raceEnabled = true
