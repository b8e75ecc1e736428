package bn

// Infer normalises x, m x C, by the moving averages, which it only reads:
//
//	y = gamma * (x - moving mean) / sqrt(moving variance + epsilon) + beta
//
// y may be x itself. It is an error, and nothing is written, if ws is nil or of
// another plan, if a slice has another length, or if y shares memory with
// another slice, except the same x. Infer allocates nothing.
func (p *Plan) Infer(ws *Workspace, y, x []float32, q Params) error {
	return p.InferFused(ws, y, x, q, Fused{})
}

// InferFused is [Plan.Infer] with what f says added to it. y may be f.Residual
// itself, too.
func (p *Plan) InferFused(ws *Workspace, y, x []float32, q Params, f Fused) error {
	if err := p.check(ws,
		p.tensor("y", y).written(), p.tensor("x", x), p.tensor("residual", f.Residual).optional(),
		p.vector("gamma", q.Gamma), p.vector("beta", q.Beta),
		p.vector("moving mean", q.MovingMean), p.vector("moving variance", q.MovingVariance),
	); err != nil {
		return err
	}
	if err := p.checkFused(f); err != nil {
		return err
	}
	ws.trained = false
	for c, v := range q.MovingVariance {
		ws.scale[c] = float32(float64(q.Gamma[c]) * p.invStd(float64(v)))
	}
	copy(ws.shift, q.Beta)
	copy(ws.mean, q.MovingMean)
	p.repeat(ws.mean, ws.scale, ws.shift)
	j := &ws.job
	j.y, j.x, j.fused = y, x, f
	j.run(normalize)
	j.forget()
	return nil
}
