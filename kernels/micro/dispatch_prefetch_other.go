//go:build !amd64 || purego

package micro

func prefetch(Tier, *PrefetchArgs) {}
