package net

// ReLULayer is Keras's layer ReLU(), which numbers itself re_lu. The function
// ReLU is a layer too: Keras's Activation("relu").
type ReLULayer struct {
	Name string
}

// Build adds the function.
func (l ReLULayer) Build(b *Builder, in ...Value) (Value, error) {
	name, _, err := begin(b, "re_lu", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	return ReLU.add(b, name, in[0])
}
