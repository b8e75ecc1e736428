package net

// Flatten turns a map [H, W, C] into a vector [H*W*C] in that order. It costs
// nothing: the values stay where they are.
type Flatten struct {
	Name string
}

// Build adds the view.
func (l Flatten) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "flatten", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	return b.Add(Node{Name: name, Out: Shape{x.Len()}, View: true}, in[0])
}
