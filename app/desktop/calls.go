package desktop

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// calls finds the bound methods by "Area/Method", so that loopback HTTP offers
// exactly what the desktop window binds.
type calls map[string]reflect.Value

func newCalls(bound []any) calls {
	c := calls{}
	for _, area := range bound {
		v := reflect.ValueOf(area)
		name := v.Elem().Type().Name()
		for i := range v.NumMethod() {
			c[name+"/"+v.Type().Method(i).Name] = v.Method(i)
		}
	}
	return c
}

// invoke calls a method with JSON arguments and gives its result, which is nil
// for methods that return an error alone.
func (c calls) invoke(name string, args []json.RawMessage) (any, error) {
	m, ok := c[name]
	if !ok {
		return nil, sei.Errorf(sei.CodeNotFound, "A janela pediu uma operação que não existe.")
	}
	in, err := decodeArguments(m.Type(), args)
	if err != nil {
		return nil, sei.Wrap(fmt.Errorf("calling %s: %w", name, err), sei.CodeInvalid, "A janela fez um pedido malformado.")
	}
	out := m.Call(in)
	if err, _ := out[len(out)-1].Interface().(error); err != nil {
		return nil, err
	}
	if len(out) == 1 {
		return nil, nil
	}
	return out[0].Interface(), nil
}

func decodeArguments(method reflect.Type, args []json.RawMessage) ([]reflect.Value, error) {
	if len(args) != method.NumIn() {
		return nil, fmt.Errorf("%d arguments given, %d wanted", len(args), method.NumIn())
	}
	in := make([]reflect.Value, len(args))
	for i, raw := range args {
		arg := reflect.New(method.In(i))
		if err := json.Unmarshal(raw, arg.Interface()); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		in[i] = arg.Elem()
	}
	return in, nil
}
