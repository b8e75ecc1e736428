package ref

// Nesterov takes one step of gradient descent with Nesterov's momentum, in
// Keras's form:
//
//	v = momentum*v - lr*g
//	w = w + momentum*v - lr*g
func Nesterov[T Float](w, v, g []T, lr, momentum T) {
	checkLen("v", v, len(w))
	checkLen("g", g, len(w))
	for i := range w {
		v[i] = momentum*v[i] - lr*g[i]
		w[i] += momentum*v[i] - lr*g[i]
	}
}
