package ref

// AdamW takes step number step, counted from 1, of Adam with decoupled weight
// decay in Keras 3's form and order:
//
//	w = w - w*decay*lr
//
// and then the step of [Adam].
//
// I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019,
// algorithm 2.
func AdamW[T Float](w, m, v, g []T, lr, decay, beta1, beta2, epsilon T, step int) {
	for i := range w {
		w[i] -= w[i] * decay * lr
	}
	Adam(w, m, v, g, lr, beta1, beta2, epsilon, step)
}
