package conv

import "github.com/simdconv/simdconv/kernels/micro"

// blockC is the length of a block of the reduction's channels: with 3x3 taps
// the input lines of a tile (14+2 pixels x 128 channels, 8 KiB a row) are still
// in L1 when the next tap comes back to them. It is part of the definition of
// the result: the reduction runs over (channel block, r, s, channel).
const blockC = 128

// A panels is the layout of packed weights: for each group and each block of NR
// output channels, the rows of NR weights in the order of the reduction,
//
//	[group][panel][channel block][r][s][channel][NR]
//
// zero past the last output channel.
type panels struct {
	r, s   int
	groups int
	red    int // reduction channels of a group: C forward, K backward
	out    int // output channels of a group: K forward, C backward
	nr     int
}

func (l *panels) perGroup() int { return ceilDiv(l.out, l.nr) }

// size is the length of one panel.
func (l *panels) size() int { return l.r * l.s * l.red * l.nr }

func (l *panels) len() int { return l.count() * l.size() }

// at is the offset in a panel of tap (r, s) of the channel block that starts at
// c and is n long.
func (l *panels) at(c, n, r, s int) int {
	return (c*l.r*l.s + (r*l.s+s)*n) * l.nr
}

// appendSegments appends the reduction over the taps of a span each way: rowIn
// and pixel are the distances of rows and pixels in the input. Neighbouring
// segments that continue each other become one, of at most most steps.
func (l *panels) appendSegments(segs []micro.Segment, rows, cols []tap, rowIn, pixel, most int) []micro.Segment {
	first := len(segs)
	for c := 0; c < l.red; c += blockC {
		n := min(blockC, l.red-c)
		for _, r := range rows {
			for _, s := range cols {
				seg := micro.Segment{A: r.off*rowIn + s.off*pixel + c, B: l.at(c, n, r.f, s.f), K: n}
				if i := len(segs) - 1; i >= first && segs[i].K+n <= most &&
					segs[i].A+segs[i].K == seg.A && segs[i].B+segs[i].K*l.nr == seg.B {
					segs[i].K += n
					continue
				}
				segs = append(segs, seg)
			}
		}
	}
	return segs
}

// countSegments is the most segments of taps rows x cols.
func (l *panels) countSegments(rows, cols []tap) int {
	return ceilDiv(l.red, blockC) * len(rows) * len(cols)
}

// nextCall returns how many of the segments fit one call of at most most steps.
func nextCall(segs []micro.Segment, most int) int {
	for i, s := range segs {
		if most -= s.K; most < 0 {
			return i
		}
	}
	return len(segs)
}

// count is the number of panels.
func (l *panels) count() int { return l.groups * l.perGroup() }

// pack fills one panel of dst from weights w, R x S x Cg x K. outStride and
// redStride are the distances in w of neighbouring output and reduction
// channels, groupStride that of groups, tapStride that of taps.
func (l *panels) pack(b *micro.Bundle, dst, w []float32, panel, outStride, redStride, groupStride, tapStride int) {
	group, first := panel/l.perGroup(), panel%l.perGroup()*l.nr
	dst = dst[panel*l.size():][:l.size()]
	n := min(l.nr, l.out-first)
	if n < l.nr {
		clear(dst)
	}
	base := group*groupStride + first*outStride
	at := 0
	for c := 0; c < l.red; c += blockC {
		block := min(blockC, l.red-c)
		for t := range l.r * l.s {
			src := w[base+t*tapStride+c*redStride:]
			packBlock(b, dst[at:], src, block, n, l.nr, outStride, redStride)
			at += block * l.nr
		}
	}
}

// packBlock copies block x n weights into rows of nr.
func packBlock(b *micro.Bundle, dst, src []float32, block, n, nr, outStride, redStride int) {
	if outStride == 1 {
		for i := range block {
			copy(dst[i*nr:i*nr+n], src[i*redStride:])
		}
		return
	}
	// redStride is 1: rows of the source become columns.
	for j := 0; j < n; j += b.Lanes() {
		rows := min(b.Lanes(), n-j)
		b.Transpose(&micro.TransposeArgs{
			Dst: dst, DOff: j, LDD: nr,
			Src: src, SOff: j * outStride, LDS: outStride,
			Rows: rows, Cols: block, Width: rows,
		})
	}
}
