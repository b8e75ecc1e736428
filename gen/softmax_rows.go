package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General registers of emitSoftmax beside those of a row.
var (
	softmaxNumbers = reg.R8 // of the row
	softmaxLength  = reg.R9
	softmaxRows    = reg.R10 // left
)

// Numbers of a row after those of emitExpSum.
const (
	numberNaN     = expNumbers     // 0, or NaN if the row has no probabilities
	numberInverse = expNumbers + 1 // of the sum
	numberRest    = expNumbers + 2 // what that lacks
	numberCount   = expNumbers + 3
)

// emitSoftmax emits all passes over some rows: that over the next row begins while
// the maximum or the sum of the one before is still being folded.
func emitSoftmax(k *lanes) {
	k.function("VectorSoftmax", vectorStruct,
		"VectorSoftmax"+k.name+" sets Rows rows of N elements of X0 to exp(X1 - M)/S each, M being the maximum of the row and S the sum.",
		"X4 is changed.")
	k.Comment("DI X0, SI X1, R8 numbers of the row, R9 row length, R10 rows left, DX bytes of the row done, CX elements left")
	k.Comment("Maxima")
	k.eachRow(func() {
		// With AVX-512 a NaN comes through to the sum. With AVX2 adding to its
		// exponent may make it a number.
		top, nan := k.largestTurns(vOperands[1], k.lanes == 8)
		k.foldLargest(top, nan)
		k.storeNumbers()
	})
	k.Comment("Exponentials: the first five vectors their numbers, then the sums (one with AVX-512)")
	k.holdExp()
	k.eachRow(func() {
		for i := range expNumbers {
			k.broadcast(rowNumber(i), k.regs[i])
		}
		for _, r := range k.sums() {
			k.zero(r)
		}
		k.expTurns(true)
		k.foldSum()
	})
	clear(k.held)
	k.Comment("Shares")
	k.eachRow(func() {
		inverse, rest := k.regs[vectorNumber], k.regs[vectorNumber+1]
		k.broadcast(rowNumber(numberInverse), inverse)
		k.broadcast(rowNumber(numberRest), rest)
		k.elements(vectorUnroll, func(u int) {
			m := operand.Mem{Base: vOperands[0], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
			x := k.regs[2*u:]
			k.load(m, x[1])
			k.share(x[0], x[1], inverse, rest)
			k.store(x[0], m)
		})
	})
	k.done()
}

func rowNumber(i int) operand.Mem { return operand.Mem{Base: softmaxNumbers, Disp: 4 * i} }

// eachRow runs body for every row, with vLeft its elements. It changes AX.
func (k *lanes) eachRow(body func()) {
	k.start([]int{0, 1})
	k.MOVQ(vLeft, softmaxLength)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), softmaxNumbers)
	k.MOVQ(vectorStruct.at(reg.RAX, "Rows"), softmaxRows)
	row := k.label("row")
	k.Label(row)
	k.MOVQ(softmaxLength, vLeft)
	body()
	for _, r := range vOperands[:2] {
		k.LEAQ(operand.Mem{Base: r, Index: softmaxLength, Scale: 4}, r)
	}
	k.ADDQ(operand.Imm(4*numberCount), softmaxNumbers)
	k.DECQ(softmaxRows)
	k.JNZ(operand.LabelRef(row))
}

// fold folds the lanes of y onto the first as a tree, the upper half onto the lower.
// It changes tmp.
func (k *lanes) fold(y, tmp reg.Register, onto func(a, b reg.Register)) {
	if k.lanes == 16 {
		k.VEXTRACTF32X8(operand.U8(1), y, half(tmp))
		y, tmp = half(y), half(tmp)
		onto(tmp, y)
	}
	k.VEXTRACTF128(operand.U8(1), y, half(tmp))
	y, tmp = half(y), half(tmp)
	onto(tmp, y)
	for _, order := range []int{0b1110, 0b0001} {
		k.VPERMILPS(operand.U8(order), y, tmp)
		onto(tmp, y)
	}
}

// foldLargest leaves the maximum of a row in the first lane of top, or, with AVX2,
// NaN if there is one.
func (k *lanes) foldLargest(top, nan reg.Register) {
	k.fold(top, k.regs[1], func(a, b reg.Register) { k.VMAXPS(a, b, b) })
	if k.lanes == 16 {
		return
	}
	none := k.label("number")
	k.VMOVMSKPS(nan, reg.EAX)
	k.TESTL(reg.EAX, reg.EAX)
	k.JZ(operand.LabelRef(none))
	k.set(float32(math.NaN()), top)
	k.Label(none)
}

// storeNumbers stores the numbers of emitExpSum of a row whose maximum is in the
// first register, as ExpArgs of kernels/micro has them, and 0 or NaN.
func (k *lanes) storeNumbers() {
	const (
		large     = 512
		digit     = 1 << 14
		least     = 105
		magnitude = 0x7fffffff
	)
	m, head, x, zero := reg.X0, reg.X1, reg.X2, reg.X3
	double := func(v float64) operand.Mem {
		bits := math.Float64bits(v)
		return k.constant(uint32(bits), uint32(bits>>32))
	}
	put := func(r reg.Register, i int) { k.VMOVSS(r, rowNumber(i)) }
	one, all := k.label("small"), k.label("numbers")
	k.VXORPS(zero, zero, zero)
	k.VSUBSS(m, m, x)
	put(x, numberNaN)
	k.VMOVD(m, reg.EAX)
	k.ANDL(operand.U32(magnitude), reg.EAX)
	k.CMPL(reg.EAX, operand.U32(math.Float32bits(large)))
	k.JB(operand.LabelRef(one))
	put(m, numberBase)
	put(zero, numberSteps)
	put(zero, numberHead)
	put(zero, numberTail)
	k.VMOVSS(k.constant(math.Float32bits(-least)), x)
	put(x, numberLeast)
	k.JMP(operand.LabelRef(all))
	k.Label(one)
	put(zero, numberBase)
	k.VSUBSS(k.constant(math.Float32bits(least)), m, x)
	put(x, numberLeast)
	k.VCVTSS2SD(m, m, head)
	k.VMULSD(double(-math.Log2E), head, x)
	k.VCVTSD2SS(x, x, x)
	put(x, numberSteps)
	k.VMULSD(double(digit), head, head)
	k.VROUNDSD(operand.U8(0), head, head, head)
	k.VMULSD(double(1.0/digit), head, head)
	k.VCVTSD2SS(head, head, head)
	k.VSUBSS(m, head, x)
	put(x, numberTail)
	k.VSUBSS(head, zero, head)
	put(head, numberHead)
	k.Label(all)
}

// foldSum stores the reciprocal of the sum of a row, as ShareArgs of kernels/micro
// has it.
func (k *lanes) foldSum() {
	sums := k.sums()
	if len(sums) == 2 {
		k.add(sums[0], sums[1], sums[0])
	}
	k.fold(sums[0], k.regs[0], func(a, b reg.Register) { k.VADDPS(a, b, b) })
	one := k.constant(math.Float32bits(1))
	sum, inverse, rest := sums[0].(reg.Vec).AsX(), reg.X0, reg.X1
	k.VADDSS(rowNumber(numberNaN), sum, sum)
	k.VMOVSS(one, rest)
	k.VDIVSS(sum, rest, inverse)
	k.VMOVSS(inverse, rowNumber(numberInverse))
	k.VFNMADD231SS(sum, inverse, rest)
	k.VMULSS(inverse, rest, rest)
	k.VMOVSS(rest, rowNumber(numberRest))
}
