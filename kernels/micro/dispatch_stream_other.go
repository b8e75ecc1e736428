//go:build !amd64 || purego

package micro

func fence(Tier) {}
