//go:build !amd64 || purego

package micro

func tileFused(_ Tier, rows int, a *TileArgs) { portableFused(rows, a) }
func tilePanel(_ Tier, rows int, a *TileArgs) { portablePanel(rows, a) }
