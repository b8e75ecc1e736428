package micro

import "math"

// portablePool is one call of a pooling kernel in plain Go.
func portablePool(op PoolOp, a *PoolArgs) {
	if op >= OpMaxBackwardPair1x1 && op <= OpSumPair2x2 {
		portablePair(op.single(), a)
		return
	}
	if op >= OpMaxRowFirst && op <= OpAverageRowBoth {
		portableRow(op, a)
		return
	}
	for p := range a.Pixels {
		y := a.Y[a.YOff+p*a.YStep:][:a.C]
		x := a.XOff + p*a.XStep
		switch op {
		case OpMax, OpMaxArg:
			var arg []uint8
			if op == OpMaxArg {
				arg = a.Arg[a.YOff+p*a.YStep:][:a.C]
			}
			maxWindow(a, y, arg, x)
		case OpMaxBackward:
			maxGather(a, y, x)
		case OpAverage, OpAverageAdd:
			averageWindow(a, y, x, op == OpAverageAdd)
		case OpSum:
			sumGather(a, y, x)
		default:
			panic(badOp)
		}
	}
}

// negativeZero added to a number is that number, zeros included.
var negativeZero = float32(math.Copysign(0, -1))

func maxWindow(a *PoolArgs, y []float32, arg []uint8, x int) {
	tap := a.Tap
	for r := range a.Rows {
		for s := range a.Cols {
			src := a.X[x+r*a.RowStep+s*a.ColStep:][:a.C]
			switch {
			case r+s == 0:
				copy(y, src)
				for i := range arg {
					arg[i] = uint8(tap)
				}
			case arg == nil:
				maxTap(y, src)
			default:
				maxArgTap(y, arg, src, uint32(tap))
			}
			tap += a.TapCol
		}
		tap += a.TapRow
	}
}

// The maximum is selected as bits because the compiler has a conditional move
// for integers only, and the branch instead would often be mispredicted. A NaN
// in y stays, as nothing is greater.

func maxTap(y, x []float32) {
	y = y[:len(x)]
	for c, v := range x {
		m := y[c]
		best, other := math.Float32bits(m), math.Float32bits(v)
		if v > m {
			best = other
		}
		if v != v && m == m {
			best = other
		}
		y[c] = math.Float32frombits(best)
	}
}

func maxArgTap(y []float32, argmax []uint8, x []float32, tap uint32) {
	y, argmax = y[:len(x)], argmax[:len(x)]
	for c, v := range x {
		m := y[c]
		best, other := math.Float32bits(m), math.Float32bits(v)
		arg := uint32(argmax[c])
		if v > m {
			best = other
		}
		if v > m {
			arg = tap
		}
		if v != v && m == m {
			best, arg = other, tap
		}
		y[c], argmax[c] = math.Float32frombits(best), uint8(arg)
	}
}

func maxGather(a *PoolArgs, y []float32, x int) {
	for c := range y {
		y[c] = negativeZero
	}
	tap := a.Tap
	for r := range a.Rows {
		for s := range a.Cols {
			at := x + r*a.RowStep + s*a.ColStep
			dy, arg := a.X[at:][:a.C], a.Arg[at:][:a.C]
			arg = arg[:len(dy)]
			for c, v := range dy {
				y[c] += only(v, arg[c] == uint8(tap))
			}
			tap += a.TapCol
		}
		tap += a.TapRow
	}
}

// only returns v if mine is set and 0 otherwise, without a branch.
func only(v float32, mine bool) float32 {
	bits := math.Float32bits(v)
	if !mine {
		bits = 0
	}
	return math.Float32frombits(bits)
}

// averageWindow adds up each row of a channel's window, and then the rows.
func averageWindow(a *PoolArgs, y []float32, x int, more bool) {
	for c := range y {
		total := negativeZero
		if more {
			total = y[c]
		}
		for r := range a.Rows {
			sum := negativeZero
			at := x + r*a.RowStep + c
			for range a.Cols {
				sum += a.X[at]
				at += a.ColStep
			}
			total += sum
		}
		y[c] = total / a.Count
	}
}

func sumGather(a *PoolArgs, y []float32, x int) {
	for c := range y {
		y[c] = negativeZero
	}
	for r := range a.Rows {
		for s := range a.Cols {
			for c, v := range a.X[x+r*a.RowStep+s*a.ColStep:][:a.C] {
				y[c] += v
			}
		}
	}
}

// portablePair runs op for the first pixels of all pairs, then for the second.
func portablePair(op PoolOp, a *PoolArgs) {
	first, second := *a, *a
	portablePool(op, &first)
	last := a.Cols - 1
	second.YOff += a.ColStep
	second.XOff += last * a.ColStep
	second.Tap += last*a.TapCol + 1
	second.TapRow += last * a.TapCol
	second.Cols = 1
	portablePool(op, &second)
}

// portableRow is one call of a kernel for rows of windows.
func portableRow(op PoolOp, a *PoolArgs) {
	step, average := (op-OpMaxRowFirst)/rowKinds, (op-OpMaxRowFirst)%rowKinds == OpAverageRowFirst-OpMaxRowFirst
	if step == 2 {
		for r := range 2 {
			b := *a
			b.XOff += r * a.RowStep
			b.Tap += 3 * r
			windowRow(&b, average, r == 0, r == 1)
			a.NaN |= b.NaN
		}
		return
	}
	windowRow(a, average, false, step == 1)
}

// windowRow does one row: it starts Part, joins it, or, at last, leaves Y and
// starts Part.
func windowRow(a *PoolArgs, average, joins, last bool) {
	for p := range a.Pixels {
		for c := range a.C {
			x, part := a.XOff+p*a.XStep+c, a.POff+p*a.C+c
			row, tap, joined, joinedTap := a.X[x], uint8(0), a.Part[part], uint8(0)
			if a.PartArg != nil {
				joinedTap = a.PartArg[part]
			}
			for s := 1; s < 3; s++ {
				v := a.X[x+s*a.ColStep]
				switch {
				case average:
					row += v
				case v > row || v != v && row == row:
					row, tap = v, uint8(s)
				}
			}
			if !average && row != row {
				a.NaN = 1
			}
			switch {
			case average:
				joined += row
			case row > joined || row != row && joined == joined:
				joined, joinedTap = row, tap+uint8(a.Tap)
			}
			switch {
			case last:
				y := a.YOff + p*a.YStep + c
				if a.Y[y] = joined; average {
					a.Y[y] = joined / a.Count
				}
				if a.Arg != nil {
					a.Arg[y] = joinedTap
				}
				joined, joinedTap = row, tap
			case !joins:
				joined, joinedTap = row, tap+uint8(a.Tap)
			}
			a.Part[part] = joined
			if a.PartArg != nil {
				a.PartArg[part] = joinedTap
			}
		}
	}
}
