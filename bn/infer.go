package bn

// Infer normalises x, m x C, by the moving averages, which it only reads:
//
//	y = gamma * (x - moving mean) / sqrt(moving variance + epsilon) + beta
//
// y may be x itself. It is an error, and nothing is written, if ws is nil or of
// another plan, if a slice has another length, or if y shares memory with
// another slice, except the same x. Infer allocates nothing.
func (p *Plan) Infer(ws *Workspace, y, x []float32, q Params) error {
	if err := p.check(ws,
		p.tensor("y", y).written(), p.tensor("x", x),
		p.vector("gamma", q.Gamma), p.vector("beta", q.Beta),
		p.vector("moving mean", q.MovingMean), p.vector("moving variance", q.MovingVariance),
	); err != nil {
		return err
	}
	for c, v := range q.MovingVariance {
		ws.scale[c] = float32(float64(q.Gamma[c]) * p.invStd(float64(v)))
	}
	copy(ws.shift, q.Beta)
	j := &ws.job
	j.y, j.x, j.mean = y, x, q.MovingMean
	j.run(normalize)
	j.forget()
	return nil
}
