package net

import (
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/net/hdf5"
)

// A kerasWeight is a weight of one of Keras's files.
type kerasWeight struct {
	weight
	data *hdf5.Object
}

// readKeras reads the parameters from a file of Keras.
func (m *Model) readKeras(f io.ReaderAt, size int64, layers map[string]string) error {
	h, err := hdf5.NewFile(f, size)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	k := kerasFile{model: m, file: h, layers: layers}
	if err := k.list(); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	weights := make([]weight, len(k.weights))
	for i, w := range k.weights {
		if weights[i] = w.weight; w.data.Type.Class != hdf5.Float {
			weights[i].wrong = fmt.Sprintf("values of type %v, want float16, float32 or float64", w.data.Type)
		}
	}
	if err := m.fit(weights); err != nil {
		return err
	}
	values := make(map[string][]float32, len(weights))
	for _, w := range k.weights {
		if values[w.name], err = w.data.Float32s(); err != nil {
			return fmt.Errorf("net: %w", err)
		}
	}
	m.setAll(values)
	return nil
}

// A kerasFile collects the weights of a file.
type kerasFile struct {
	model   *Model
	file    *hdf5.File
	layers  map[string]string
	weights []kerasWeight
}

// list finds out which of Keras's forms the file has.
func (k *kerasFile) list() error {
	const whole = "model_weights" // of a file with the model too
	root := k.file.Object("")
	names, err := stringsOf(root, "layer_names")
	if err == nil && names != nil {
		return k.legacy("", names)
	}
	if err == nil && k.file.Object(whole) != nil {
		if names, err = stringsOf(k.file.Object(whole), "layer_names"); names != nil {
			return k.legacy(whole+"/", names)
		}
	}
	if err == nil && k.file.Object("layers") == nil {
		err = fmt.Errorf("not a file of Keras: it has neither an attribute layer_names, also of %s, nor a group layers", whole)
	}
	if err != nil {
		return err
	}
	return k.byVars()
}

// stringsOf returns an attribute that Keras cuts into NAME0, NAME1 and so on
// where it is large. Without one it returns nil.
func stringsOf(o *hdf5.Object, name string) ([]string, error) {
	if a := o.Attribute(name); a != nil {
		v, err := a.Strings()
		return append([]string{}, v...), err
	}
	var all []string
	for i := 0; ; i++ {
		a := o.Attribute(name + strconv.Itoa(i))
		if a == nil {
			return all, nil
		}
		v, err := a.Strings()
		if err != nil {
			return nil, err
		}
		all = append(all, v...)
	}
}

// numbered is how Keras 2 ends the names of variables.
var numbered = regexp.MustCompile(`:\d+$`)

// legacy lists the weights of a file with names: a group for each layer, whose
// attribute weight_names has the paths of datasets in it.
func (k *kerasFile) legacy(root string, layers []string) error {
	if k.file.Object(root+topLevel) != nil {
		layers = append(layers, topLevel)
	}
	known := map[string]bool{}
	for _, p := range k.model.params {
		known[path.Dir(p.Name)] = true
	}
	for _, layer := range layers {
		group := k.file.Object(root + layer)
		if group == nil {
			return fmt.Errorf("layer %.100q of layer_names has no group", layer)
		}
		names, err := stringsOf(group, "weight_names")
		if err != nil {
			return fmt.Errorf("layer %.100q: %w", layer, err)
		}
		for _, name := range names {
			data := k.file.Object(group.Path + "/" + name)
			if data == nil || data.Group {
				return fmt.Errorf("layer %.100q: weight %.100q of weight_names is not in the file", layer, name)
			}
			name = numbered.ReplaceAllString(name, "")
			role := path.Base(name)
			// A layer made of layers has the weights of those.
			if in := path.Base(path.Dir(name)); !known[k.rename(layer)] && in != "." {
				k.add(in, role, data)
			} else {
				k.add(layer, role, data)
			}
		}
	}
	return nil
}

// topLevel is the group of weights that belong to no layer.
const topLevel = "top_level_model_weights"

func (k *kerasFile) rename(layer string) string {
	if to, ok := k.layers[layer]; ok {
		return to
	}
	return layer
}

// add lists a weight of a layer of the file.
func (k *kerasFile) add(layer, role string, data *hdf5.Object) {
	w := weight{name: k.rename(layer) + "/" + role, shape: data.Shape}
	k.weights = append(k.weights, kerasWeight{w, data})
}

// seedState is the state of random numbers, which a layer has beside weights.
var seedState = regexp.MustCompile(`/seed_generator(_\d+)?/vars/`)

// byVars lists the weights of a file without names of weights: the groups vars
// of layers have their parameters under 0, 1 and so on.
func (k *kerasFile) byVars() error {
	params := map[string][]string{}
	for _, p := range k.model.params {
		layer := path.Dir(p.Name)
		params[layer] = append(params[layer], path.Base(p.Name))
	}
	places := k.model.kerasPlaces()
	for _, o := range k.file.Objects() {
		vars, number := path.Split(o.Path)
		vars = strings.TrimSuffix(vars, "/")
		if o.Group || path.Base(vars) != "vars" || seedState.MatchString(o.Path) {
			continue
		}
		if vars != "vars" && !strings.HasPrefix(vars, "layers/") {
			continue // of an optimizer or a metric
		}
		layer, known := places[path.Dir(vars)]
		if a := k.file.Object(vars).Attribute("name"); a != nil {
			name, err := a.Strings()
			if err != nil {
				return fmt.Errorf("%.100q: %w", vars, err)
			}
			if len(name) == 1 {
				layer, known = name[0], true
			}
		}
		if !known {
			k.add(vars, number, o) // in the model there is none
			continue
		}
		roles := params[k.rename(layer)]
		if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(roles) {
			number = roles[i]
		}
		k.add(layer, number, o)
	}
	return nil
}
