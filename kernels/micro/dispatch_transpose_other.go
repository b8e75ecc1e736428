//go:build !amd64 || purego

package micro

func transpose(_ Tier, a *TransposeArgs) { portableTranspose(a) }

func transposeAt(_ Tier, a *TransposeArgs) { portableTransposeAt(a) }

func transposeWide(_ Tier, a *TransposeArgs) { portableTransposeWide(a) }

func joinColors(_ Tier, a *TransposeArgs) { portableTranspose(a) }

func splitColors(_ Tier, a *TransposeArgs) { portableTranspose(a) }
