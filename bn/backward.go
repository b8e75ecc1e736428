package bn

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
	if err := p.check(ws,
		p.tensor("dx", dx).written(), p.tensor("dy", dy), p.tensor("x", x),
		p.vector("dgamma", dgamma).written(), p.vector("dbeta", dbeta).written(), p.vector("gamma", gamma),
		p.vector("saved mean", s.Mean), p.vector("saved inverse deviation", s.InvStd),
	); err != nil {
		return err
	}
	if p.m == 0 {
		clear(dgamma)
		clear(dbeta)
		return nil
	}
	j := &ws.job
	j.dx, j.dy, j.x = dx, dy, x
	j.params.Gamma, j.saved, j.mean = gamma, s, s.Mean
	j.dgamma, j.dbeta = dgamma, dbeta
	j.run(products, gradients, propagate)
	j.forget()
	return nil
}

// products leaves the sums of dy and dy*(x-mean) of one chunk in its partials.
func (j *job) products(chunk int, s span) {
	p := j.ws.plan
	from, to := p.pixels(chunk)
	sum, product := j.ws.sums(chunk, s)
	clear(sum)
	clear(product)
	mean := j.mean[s.from:s.to]
	for i := from; i < to; i++ {
		dy, x := p.at(j.dy, i, s), p.at(j.x, i, s)
		x, mean, sum, product := x[:len(dy)], mean[:len(dy)], sum[:len(dy)], product[:len(dy)]
		for c, v := range dy {
			d := float64(v)
			sum[c] += d
			product[c] += float64(d * (float64(x[c]) - float64(mean[c])))
		}
	}
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
		dgamma := product[i] * invStd
		j.dbeta[c], j.dgamma[c] = float32(sum[i]), float32(dgamma)
		ws.scale[c] = float32(float64(j.params.Gamma[c]) * invStd)
		ws.shift[c] = float32(sum[i] / m)
		ws.slope[c] = float32(invStd * dgamma / m)
	}
}

// propagate computes dx for one chunk.
func (j *job) propagate(chunk int, s span) {
	p, ws := j.ws.plan, j.ws
	mean, slope := j.mean[s.from:s.to], ws.slope[s.from:s.to]
	scale, shift := ws.scale[s.from:s.to], ws.shift[s.from:s.to]
	from, to := p.pixels(chunk)
	for i := from; i < to; i++ {
		dy, x, dx := p.at(j.dy, i, s), p.at(j.x, i, s), p.at(j.dx, i, s)
		x, dx, mean := x[:len(dy)], dx[:len(dy)], mean[:len(dy)]
		scale, shift, slope := scale[:len(dy)], shift[:len(dy)], slope[:len(dy)]
		for c, v := range dy {
			dx[c] = scale[c] * (v - shift[c] - float32((x[c]-mean[c])*slope[c]))
		}
	}
}
