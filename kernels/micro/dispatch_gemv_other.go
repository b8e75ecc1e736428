//go:build !amd64 || purego

package micro

var gemvSteps = [...][GemvRows]int{Generic: {1, 1, 1, 1}}

func gemv(_ Tier, rows, steps int, a *TileArgs) { portableGemv(rows, steps, a) }
