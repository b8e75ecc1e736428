//go:build !amd64 || purego

package micro

func tileRows(_ Tier, rows int, a *TileArgs)  { portableRows(rows, a) }
func tileOuter(_ Tier, rows int, a *TileArgs) { portableOuter(rows, a) }
func roofTurns(_ Tier, n int)                 { portableRoof(n) }
