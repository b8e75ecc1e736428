package bn

import "github.com/simdconv/simdconv/kernels/micro"

// Backward computes the gradients of [Plan.Train] from dy, that with respect to
// y, where the statistics depend on x too:
//
//	xhat   = (x - s.Mean) * s.InvStd
//	dbeta  = sum of dy over the m pixels
//	dgamma = sum of dy * xhat
//	dx     = gamma * s.InvStd * (dy - dbeta/m - xhat * dgamma/m)
//
// x is what Train was given, and s what it saved. dx, dy and x are m x C, the
// rest C. It reads dy and x twice. dx may be dy or x itself. With m = 0, dgamma
// and dbeta are 0.
//
// Sums are in float64, dx in float32. As s.Mean is rounded to float32, xhat is
// off by up to |mean|*s.InvStd units of 2^-24 in a whole channel.
//
// It is an error, and nothing is written, if ws is nil or of another plan, if a
// slice has another length, or if one that is written shares memory with
// another, except dx with the same dy or x. Backward allocates nothing.
func (p *Plan) Backward(ws *Workspace, dx, dgamma, dbeta, dy, x []float32, gamma []float32, s Saved) error {
	return p.backward(ws, dx, nil, dgamma, dbeta, dy, x, nil, gamma, s, false)
}

// BackwardFused is [Plan.Backward] behind the ReLU of a [Plan.TrainFused] that
// filled mask: dy is that with respect to the maximum, and counts as 0 where the
// mask is clear. dres, if not nil, becomes the gradient of the residual, which is
// the masked dy. dres may be dy itself; then dx may be x or apart.
func (p *Plan) BackwardFused(ws *Workspace, dx, dres, dgamma, dbeta, dy, x []float32, mask []uint8, gamma []float32, s Saved) error {
	return p.backward(ws, dx, dres, dgamma, dbeta, dy, x, mask, gamma, s, true)
}

func (p *Plan) backward(ws *Workspace, dx, dres, dgamma, dbeta, dy, x []float32, mask []uint8, gamma []float32, s Saved, masked bool) error {
	if err := p.check(ws,
		p.tensor("dx", dx).written(), p.tensor("dy", dy), p.tensor("x", x), p.tensor("dres", dres).optional().written(),
		p.vector("dgamma", dgamma).written(), p.vector("dbeta", dbeta).written(), p.vector("gamma", gamma),
		p.vector("saved mean", s.Mean), p.vector("saved inverse deviation", s.InvStd),
	); err != nil {
		return err
	}
	if err := p.checkMask(mask, masked); err != nil {
		return err
	}
	ws.trained = false
	if p.m == 0 {
		clear(dgamma)
		clear(dbeta)
		return nil
	}
	j := &ws.job
	j.dx, j.dres, j.dy, j.x, j.fused.Mask = dx, dres, dy, x, mask
	j.params.Gamma, j.saved = gamma, s
	j.dgamma, j.dbeta = dgamma, dbeta
	copy(ws.mean, s.Mean)
	p.repeat(ws.mean)
	j.run(products, gradients, propagate)
	j.forget()
	return nil
}

// products leaves the sums of dy and dy*x of one chunk in its partials.
func (j *job) products(chunk int, s span) {
	p, ws := j.ws.plan, j.ws
	sum, product := ws.sums(chunk, s)
	clear(sum)
	clear(product)
	op := micro.OpProducts
	if j.fused.Mask != nil {
		op = micro.OpProductsMask
	}
	a := micro.ChannelArgs{X: j.x, DY: j.dy, Mask: j.fused.Mask}
	a.Sum, a.Prod = ws.both(chunk)
	j.each(op, &a, chunk, s, 0)
	p.merge(s, sum, product)
}

// gradients merges the chunks into dgamma, dbeta and the coefficients of dx,
//
//	dx = scale * (dy - shift - (x-mean)*slope)
func (j *job) gradients(s span) {
	p, ws := j.ws.plan, j.ws
	sum, product := ws.sums(0, s)
	for chunk := 1; chunk < p.chunks; chunk++ {
		otherSum, otherProduct := ws.sums(chunk, s)
		for c, v := range otherSum {
			sum[c] += v
			product[c] += otherProduct[c]
		}
	}
	m := float64(p.m)
	for i := range sum {
		c := s.from + i
		invStd := float64(j.saved.InvStd[c])
		// The sum of dy*(x-mean): a mean of 1000 deviations takes three of the 15
		// digits.
		dgamma := (product[i] - float64(sum[i]*float64(j.saved.Mean[c]))) * invStd
		j.dbeta[c], j.dgamma[c] = float32(sum[i]), float32(dgamma)
		ws.scale[c] = float32(float64(j.params.Gamma[c]) * invStd)
		ws.shift[c] = float32(sum[i] / m)
		ws.slope[c] = float32(invStd * dgamma / m)
	}
	p.repeat(ws.scale, ws.shift, ws.slope)
}

// propagate computes dx, and dres if there is one, for one chunk.
func (j *job) propagate(chunk int, s span) {
	ws := j.ws
	op := micro.OpPropagate
	switch {
	case j.dres != nil:
		op = micro.OpPropagateMaskAdd
	case j.fused.Mask != nil:
		op = micro.OpPropagateMask
	}
	a := micro.ChannelArgs{
		Y: j.dx, Z: j.dres, X: j.x, DY: j.dy, Mask: j.fused.Mask,
		Mean: ws.mean, Scale: ws.scale, Shift: ws.shift, Slope: ws.slope,
		Stream: j.stream(j.dx, j.dy, j.x),
	}
	if j.dres != nil {
		a.Stream &= j.stream(j.dres, j.dy)
	}
	j.each(op, &a, chunk, s, 0)
}
