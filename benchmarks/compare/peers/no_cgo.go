//go:build !cgo

package peers

// hasCgo says whether peers that need C can be built in at all.
const hasCgo = false
