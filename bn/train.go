package bn

import (
	"errors"
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
)

// Train normalises x, m x C, by its own statistics:
//
//	mean, variance = those of each channel of x, the variance divided by m
//	y              = gamma * (x - mean) / sqrt(variance + epsilon) + beta
//	moving mean    = momentum*(moving mean)     + (1-momentum)*mean
//	moving variance= momentum*(moving variance) + (1-momentum)*variance
//	s.Mean, s.InvStd = mean, 1/sqrt(variance + epsilon)
//
// It reads x twice. y may be x itself, but Backward needs x as it was. With m = 0
// the moving averages stay as they are, and s is that of mean 0 and variance 0.
//
// y is computed as (x-mean)*scale + shift in float32 and corrected for the
// rounding of the mean; its error is a few units in the last place of |xhat|
// and beta.
//
// It is an error, and nothing is written, if ws is nil or of another plan, if a
// slice has another length, or if one that is written shares memory with
// another, except y with the same x. Train allocates nothing.
func (p *Plan) Train(ws *Workspace, y, x []float32, q Params, s Saved) error {
	return p.TrainFused(ws, y, x, q, s, Fused{})
}

// TrainFused is [Plan.Train] with what f says added to it. y may be f.Residual
// itself, too.
func (p *Plan) TrainFused(ws *Workspace, y, x []float32, q Params, s Saved, f Fused) error {
	if err := p.check(ws,
		p.tensor("y", y).written(), p.tensor("x", x), p.tensor("residual", f.Residual).optional(),
		p.vector("gamma", q.Gamma), p.vector("beta", q.Beta),
		p.vector("moving mean", q.MovingMean).written(), p.vector("moving variance", q.MovingVariance).written(),
		p.vector("saved mean", s.Mean).written(), p.vector("saved inverse deviation", s.InvStd).written(),
	); err != nil {
		return err
	}
	if err := p.checkFused(f); err != nil {
		return err
	}
	ws.trained = true
	if p.m == 0 {
		clear(s.Mean)
		for c := range s.InvStd {
			s.InvStd[c] = float32(p.invStd(0))
		}
		return nil
	}
	j := &ws.job
	j.y, j.x, j.params, j.saved, j.fused = y, x, q, s, f
	j.run(moments, statistic, normalize)
	j.forget()
	return nil
}

// Repeat writes to y what the last Train or TrainFused with ws wrote there, the same
// bits, from the x that it had: y need not be kept for a backward pass that reads it.
// f has the same Residual and ReLU; a Mask would be written again, too. It is an error
// if ws has served another call since, and otherwise as in Train.
func (p *Plan) Repeat(ws *Workspace, y, x []float32, f Fused) error {
	if err := p.check(ws,
		p.tensor("y", y).written(), p.tensor("x", x), p.tensor("residual", f.Residual).optional(),
	); err != nil {
		return err
	}
	if err := p.checkFused(f); err != nil {
		return err
	}
	if !ws.trained {
		return errors.New("bn: Repeat with a workspace whose last call is not Train, want one that is")
	}
	j := &ws.job
	j.y, j.x, j.fused = y, x, f
	j.run(normalize)
	j.forget()
	return nil
}

// invStd returns 1/sqrt(variance + epsilon).
func (p *Plan) invStd(variance float64) float64 {
	return 1 / math.Sqrt(variance+p.opts.Epsilon)
}

// moments leaves the mean and M2 of one chunk in its partials.
func (j *job) moments(chunk int, s span) {
	p, ws := j.ws.plan, j.ws
	from, to := p.pixels(chunk)
	sum, squares := ws.sums(chunk, s)
	clear(sum)
	clear(squares)
	// Distances from the chunk's first pixel have the size of the deviation.
	first, at := j.x, from*p.c
	if p.perRow > 1 {
		first, at = ws.first[chunk*p.room:][:p.width], 0
		copy(first, j.x[from*p.c:][:p.c])
		p.repeat(first)
	}
	a := micro.ChannelArgs{X: j.x, Mean: first}
	a.Sum, a.Prod = ws.both(chunk)
	j.each(micro.OpMoments, &a, chunk, s, at)

	// As the first d is 0, sum*sum is at most (n-1)*squares, so that M2 is at
	// least squares/n: far from where rounding could make it negative.
	n := float64(to - from)
	s, sum, squares = p.merge(s, sum, squares)
	for c, v := range first[at+s.from : at+s.to] {
		d := sum[c] / n
		squares[c] -= float64(sum[c] * d)
		sum[c] = float64(v) + d
	}
}

// statistic merges the chunks and derives all that is kept for a channel.
func (j *job) statistic(s span) {
	p, ws := j.ws.plan, j.ws
	mean, m2 := ws.sums(0, s)
	for chunk := 1; chunk < p.chunks; chunk++ {
		from, to := p.pixels(chunk)
		share := float64(to-from) / float64(to)
		weight := share * float64(from)
		otherMean, otherM2 := ws.sums(chunk, s)
		for c, v := range otherMean {
			d := v - mean[c]
			mean[c] += float64(d * share)
			m2[c] += otherM2[c] + float64(d*d*weight)
		}
	}
	keep := p.opts.Momentum
	for i, mean := range mean {
		c := s.from + i
		variance := m2[i] / float64(p.m)
		invStd := p.invStd(variance)
		j.saved.Mean[c], j.saved.InvStd[c] = float32(mean), float32(invStd)

		average(&j.params.MovingMean[c], mean, keep)
		average(&j.params.MovingVariance[c], variance, keep)

		scale := float64(j.params.Gamma[c]) * invStd
		lost := mean - float64(j.saved.Mean[c])
		ws.mean[c] = j.saved.Mean[c]
		ws.scale[c] = float32(scale)
		ws.shift[c] = float32(float64(j.params.Beta[c]) - float64(lost*scale))
	}
	p.repeat(ws.mean, ws.scale, ws.shift)
}

// average moves a moving average towards the value of a batch.
func average(moving *float32, batch, keep float64) {
	*moving = float32(float64(keep*float64(*moving)) + float64((1-keep)*batch))
}

// normalize computes y for one chunk.
func (j *job) normalize(chunk int, s span) {
	ws := j.ws
	a := micro.ChannelArgs{
		Y: j.y, X: j.x, Z: j.fused.Residual, Mask: j.fused.Mask,
		Mean: ws.mean, Scale: ws.scale, Shift: ws.shift,
		Stream: j.stream(j.y, j.x, j.fused.Residual),
	}
	j.each(j.fused.normalization(), &a, chunk, s, 0)
}
