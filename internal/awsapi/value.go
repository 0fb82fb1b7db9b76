package awsapi

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// json fills dst with a JSON value that is not null, and checks it.
func (r *row) json(value []byte, dst reflect.Value, rule *Rule, path string) error {
	switch dst.Kind() {
	case reflect.Pointer:
		return filled(dst, func(v reflect.Value) error { return r.json(value, v, rule, path) })
	case reflect.Struct:
		if dst.Type() == decimalType {
			return decimal(value, dst, rule, path)
		}
		return r.nested.structure(value, dst, path)
	case reflect.Slice:
		return r.list(value, dst, rule, path)
	case reflect.Map:
		if r.nested != nil {
			return r.structures(value, dst, rule, path)
		}
		return pairs(value, dst, rule, path)
	case reflect.String:
		if value[0] != '"' {
			return violation(value, path, "must be a string")
		}
		return scalar(unquote(value), dst, rule, path)
	}
	return r.literal(value, dst, rule, path)
}

// filled points dst to a new value once that is read.
func filled(dst reflect.Value, read func(reflect.Value) error) error {
	p := reflect.New(dst.Type().Elem())
	if err := read(p.Elem()); err != nil {
		return err
	}
	dst.Set(p)
	return nil
}

// literal fills a number or boolean, which may come as a string if the
// member says so.
func (r *row) literal(value []byte, dst reflect.Value, rule *Rule, path string) error {
	if value[0] != '"' {
		return scalar(string(value), dst, rule, path)
	}
	if !r.Text {
		return violation(value, path, "must be "+wanted(dst))
	}
	return scalar(unquote(value), dst, rule, path)
}

// list fills a list and checks it and its items. A null item is none of any
// type.
func (r *row) list(value []byte, dst reflect.Value, rule *Rule, path string) error {
	if value[0] != '[' {
		return violation(value, path, "must be a list")
	}
	item := rule.Item
	if item == nil {
		item = &Rule{}
	}
	list := reflect.MakeSlice(dst.Type(), 0, 4)
	err := items(value, func(i int, value []byte) error {
		at := path + "[" + strconv.Itoa(i) + "]"
		if value[0] == 'n' {
			return missing(at)
		}
		list = reflect.Append(list, reflect.Zero(dst.Type().Elem()))
		return r.json(value, list.Index(i), item, at)
	})
	if err != nil {
		return err
	}
	dst.Set(list)
	return rule.checkCount(list.Len(), rule.List, path, "items")
}

// pairs fills a map from string to string and checks its keys and values. Of
// a key that comes twice only the last value counts.
func pairs(value []byte, dst reflect.Value, rule *Rule, path string) error {
	if value[0] != '{' {
		return violation(value, path, "must be an object")
	}
	m := map[string]string{}
	var broken map[string]error
	_ = members(value, func(name, value []byte) error { // the callback has no errors
		key := unquote(name)
		if err := pair(m, key, value, rule, path); err != nil {
			broken = with(broken, key, err)
		} else {
			delete(broken, key)
		}
		return nil
	})
	if len(broken) > 0 {
		return broken[slices.Min(slices.Collect(maps.Keys(broken)))]
	}
	dst.Set(reflect.ValueOf(m))
	return rule.checkCount(len(m), rule.Pairs, path, "pairs")
}

// structures fills a map from string to a structure and checks its keys. A null
// value is as if the key were not there.
func (r *row) structures(value []byte, dst reflect.Value, rule *Rule, path string) error {
	if value[0] != '{' {
		return violation(value, path, "must be an object")
	}
	m := reflect.MakeMap(dst.Type())
	err := members(value, func(name, value []byte) error {
		key := unquote(name)
		if constraint := rule.Key.brokenBy(key); constraint != "" {
			return violation([]byte(quote(key)), path+" (key)", constraint)
		}
		if value[0] == 'n' {
			m.SetMapIndex(reflect.ValueOf(key), reflect.Value{})
			return nil
		}
		item := reflect.New(dst.Type().Elem()).Elem()
		if err := r.nested.structure(value, item, path+"."+clip(key)); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key), item)
		return nil
	})
	if err != nil {
		return err
	}
	dst.Set(m)
	return rule.checkCount(m.Len(), rule.Pairs, path, "pairs")
}

// with notes that key is broken; nearly always none is.
func with(broken map[string]error, key string, err error) map[string]error {
	if broken == nil {
		broken = map[string]error{}
	}
	broken[key] = err
	return broken
}

// pair checks one pair and puts it into m.
func pair(m map[string]string, key string, value []byte, rule *Rule, path string) error {
	if constraint := rule.Key.brokenBy(key); constraint != "" {
		return violation([]byte(quote(key)), path+" (key)", constraint)
	}
	if value[0] != '"' {
		return violation(value, path+"."+clip(key), "must be a string")
	}
	m[key] = unquote(value)
	if constraint := rule.Item.brokenBy(m[key]); constraint != "" {
		return violation(value, path+"."+clip(key), constraint)
	}
	return nil
}

// decimal fills a Decimal.
func decimal(value []byte, dst reflect.Value, rule *Rule, path string) error {
	if c := value[0]; c != '-' && (c < '0' || c > '9') {
		return violation(value, path, "must be a number")
	}
	d := Decimal{text: string(value)}
	dst.Set(reflect.ValueOf(d))
	return rule.checkDecimal(d, path)
}

// scalar fills a string, integer or boolean from its text and checks it.
func scalar(text string, dst reflect.Value, rule *Rule, path string) error {
	switch dst.Kind() {
	case reflect.Pointer:
		return filled(dst, func(v reflect.Value) error { return scalar(text, v, rule, path) })
	case reflect.String:
		dst.SetString(text)
		return rule.checkString(text, path)
	case reflect.Bool:
		dst.SetBool(text == "true")
		if text != "true" && text != "false" {
			return violation([]byte(text), path, "must be "+wanted(dst))
		}
		return nil
	}
	n, ok := integer(text, dst)
	if !ok {
		return violation([]byte(text), path, "must be "+wanted(dst))
	}
	dst.SetInt(n)
	return rule.checkInteger(n, path)
}

// integer reads decimal digits with at most a minus in front: no plus, no
// fraction, no exponent. A Go int is the model's int of 32 bits, an int64
// its long.
func integer(text string, dst reflect.Value) (int64, bool) {
	bits := 64
	if dst.Kind() == reflect.Int {
		bits = 32
	}
	if text == "" || text[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, bits)
	return n, err == nil
}

// wanted says what a value of dst's type is.
func wanted(dst reflect.Value) string {
	switch dst.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "an integer of 32 bits"
	}
	return "an integer"
}
