//go:build !amd64 || purego

package micro

func winogradInput(_ Tier, in, out int, a *PlanesArgs)  { portableInput(in, out, a) }
func winogradFilter(_ Tier, in, out int, a *PlanesArgs) { portableFilter(in, out, a) }
func winogradOutput(_ Tier, in, out int, a *PixelsArgs) { portableOutput(in, out, a) }
