package peers

// HasCgo is hasCgo.
const HasCgo = hasCgo
