package conv

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/micro"
)

// winograd2 is Winograd's minimal filtering F(2x2,3x3): it computes 2x2 outputs
// from a 4x4 input tile with 16 multiplications per channel instead of 36,
//
//	Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// over the points 0, 1, -1 and infinity. The sum over input channels goes
// between the transforms, so that these are done once per tile and channel. See
// Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
//
// It is in plain Go: right, and slow.
type winograd2 struct{}

const (
	winogradTile   = 4 // input tile
	winogradOut    = 2 // output tile
	winogradPlanes = winogradTile * winogradTile
)

func (winograd2) refuse(p *Plan, pass Pass) string {
	s := &p.shape
	switch {
	case pass != Forward:
		return fmt.Sprintf("it has no %v pass", pass)
	case s.R != 3 || s.S != 3:
		return fmt.Sprintf("the filter is %dx%d, it needs 3x3", s.R, s.S)
	case s.StrideH != 1 || s.StrideW != 1:
		return fmt.Sprintf("the stride is %dx%d, it needs 1x1", s.StrideH, s.StrideW)
	case s.DilationH != 1 || s.DilationW != 1:
		return fmt.Sprintf("the dilation is %dx%d, it needs 1x1", s.DilationH, s.DilationW)
	case s.Groups != 1:
		return fmt.Sprintf("there are %d groups, it needs 1", s.Groups)
	}
	return ""
}

func (winograd2) estimate(p *Plan, _ Pass) estimate {
	tiles := float64(p.shape.N) * float64(ceilDiv(p.oh, winogradOut)*ceilDiv(p.ow, winogradOut))
	return estimate{
		flop:       2 * winogradPlanes * tiles * float64(p.shape.C) * float64(p.shape.K),
		efficiency: 0.02, // plain Go beside assembly
		bytes:      p.operandBytes() + 4*float64(p.shape.WLen())*winogradPlanes/9,
		errorBound: sequentialBound,
	}
}

func (winograd2) needs(p *Plan, _ Pass) needs {
	return needs{worker: winogradPlanes * (p.shape.C + p.shape.K)}
}

func (winograd2) packedLen(p *Plan, _ Pass) int {
	return winogradPlanes * p.shape.C * p.shape.K
}

// pack computes U = G g Gᵀ for every pair of channels, as planes of C x K.
func (winograd2) pack(p *Plan, _ Pass, dst, w []float32) {
	plane := p.shape.C * p.shape.K
	for at := range plane {
		var rows [winogradTile][3]float32 // G g
		for s := range 3 {
			column := winogradFilter(w[s*plane+at], w[(3+s)*plane+at], w[(6+s)*plane+at])
			for i, v := range column {
				rows[i][s] = v
			}
		}
		for i, row := range rows {
			for j, v := range winogradFilter(row[0], row[1], row[2]) {
				dst[(i*winogradTile+j)*plane+at] = v
			}
		}
	}
}

// winogradFilter is G times a column of three.
func winogradFilter(a, b, c float32) [winogradTile]float32 {
	return [winogradTile]float32{a, (a + b + c) / 2, (a - b + c) / 2, c}
}

// winogradInput is Bᵀ times a column of four.
func winogradInput(a, b, c, d float32) [winogradTile]float32 {
	return [winogradTile]float32{a - c, b + c, c - b, b - d}
}

// winogradOutput is Aᵀ times a column of four.
func winogradOutput(a, b, c, d float32) [winogradOut]float32 {
	return [winogradOut]float32{a + b + c, b - c - d}
}

func (winograd2) run(ws *Workspace, pass Pass) {
	ws.run((*winogradTask)(ws), ws.plan.shape.N*ceilDiv(ws.plan.oh, winogradOut), pass)
}

// winogradTask is one row of tiles of one image.
type winogradTask Workspace

func (t *winogradTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	p := ws.plan
	rows := ceilDiv(p.oh, winogradOut)
	image, oh := i/rows, i%rows*winogradOut
	scratch := ws.workers[worker].scratch
	v, m := scratch[:winogradPlanes*p.shape.C], scratch[winogradPlanes*p.shape.C:][:winogradPlanes*p.shape.K]
	for ow := 0; ow < p.ow; ow += winogradOut {
		p.winogradLoad(v, ws.job.x, image, oh, ow)
		p.winogradMultiply(m, v, ws.job.packed.data)
		ws.winogradStore(m, image, oh, ow)
	}
}

// winogradLoad sets v to the transform of the input tile under outputs (oh, ow):
// planes of C.
func (p *Plan) winogradLoad(v, x []float32, image, oh, ow int) {
	s := &p.shape
	for c := range s.C {
		var tile [winogradTile][winogradTile]float32 // transposed: Bᵀ d by columns
		for j := range winogradTile {
			var d [winogradTile]float32
			iw := ow + j - s.Left
			for i := range winogradTile {
				if ih := oh + i - s.Top; ih >= 0 && ih < s.H && iw >= 0 && iw < s.W {
					d[i] = x[((image*s.H+ih)*s.W+iw)*s.C+c]
				}
			}
			tile[j] = winogradInput(d[0], d[1], d[2], d[3])
		}
		for i := range winogradTile {
			row := winogradInput(tile[0][i], tile[1][i], tile[2][i], tile[3][i])
			for j, value := range row {
				v[(i*winogradTile+j)*s.C+c] = value
			}
		}
	}
}

// winogradMultiply sums over input channels: in each plane, m = v u.
func (p *Plan) winogradMultiply(m, v, u []float32) {
	c, k := p.shape.C, p.shape.K
	clear(m)
	for plane := range winogradPlanes {
		sum := m[plane*k : (plane+1)*k]
		for i, x := range v[plane*c : (plane+1)*c] {
			for j, w := range u[(plane*c+i)*k : (plane*c+i+1)*k] {
				sum[j] += float32(x * w)
			}
		}
	}
}

// winogradStore transforms the sums back and stores the outputs that exist.
func (ws *Workspace) winogradStore(m []float32, image, oh, ow int) {
	p := ws.plan
	k := p.shape.K
	for channel := range k {
		at := func(i, j int) float32 { return m[(i*winogradTile+j)*k+channel] }
		var rows [winogradTile][winogradOut]float32 // transposed: Aᵀ m by columns
		for j := range winogradTile {
			rows[j] = winogradOutput(at(0, j), at(1, j), at(2, j), at(3, j))
		}
		for i := range min(winogradOut, p.oh-oh) {
			out := winogradOutput(rows[0][i], rows[1][i], rows[2][i], rows[3][i])
			for j := range min(winogradOut, p.ow-ow) {
				pixel := ((image*p.oh+oh+i)*p.ow+ow+j)*k + channel
				ws.job.y[pixel] = ws.job.finish(out[j], channel, pixel)
			}
		}
	}
}

// finish applies the epilogue to one sum.
func (j *job) finish(v float32, channel, at int) float32 {
	if j.flags&micro.FlagScale != 0 {
		v = float32(v * j.ep.Scale[channel])
	}
	if j.flags&micro.FlagBias != 0 {
		v += j.ep.Bias[channel]
	}
	if j.flags&micro.FlagResidual != 0 {
		v += j.ep.Residual[at]
	}
	if j.ep.Act == kernels.ActReLU && v < 0 {
		v = 0
	}
	return v
}
