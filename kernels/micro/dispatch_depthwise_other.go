//go:build !amd64 || purego

package micro

func depthwise(_ Tier, rows int, a *TileArgs) { portableDepthwise(rows, a) }
func depthwiseOuter(_ Tier, a *TileArgs)      { portableDepthwiseOuter(a) }
