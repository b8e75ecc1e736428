//go:build !amd64 || purego

package micro

func vector(_ Tier, op VectorOp, a *VectorArgs) { portableVector(op, a) }
