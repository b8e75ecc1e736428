//go:build !amd64 || purego

package micro

func pool(_ Tier, op PoolOp, a *PoolArgs) { portablePool(op, a) }
