package redisconn

// Map reads a map: a map with RESP3, a flat array with RESP2.
func Map(reply any) (map[string]any, bool) {
	switch m := reply.(type) {
	case map[any]any:
		out := make(map[string]any, len(m))
		for k, v := range m {
			key, ok := k.(string)
			if !ok {
				return nil, false
			}
			out[key] = v
		}
		return out, true
	case []any:
		if len(m)%2 != 0 {
			return nil, false
		}
		out := make(map[string]any, len(m)/2)
		for i := 0; i < len(m); i += 2 {
			key, ok := m[i].(string)
			if !ok {
				return nil, false
			}
			out[key] = m[i+1]
		}
		return out, true
	}
	return nil, false
}

// Fields reads the reply of HGETALL: a map of strings.
func Fields(reply any) (map[string]string, bool) {
	m, ok := Map(reply)
	if !ok {
		return nil, false
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		text, ok := v.(string)
		if !ok {
			return nil, false
		}
		out[k] = text
	}
	return out, true
}

// Strings reads an array or a set of strings.
func Strings(reply any) ([]string, bool) {
	list, ok := reply.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, v := range list {
		if out[i], ok = v.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

// Page reads the reply of SSCAN or HSCAN: the next cursor, "0" at the end, and an array.
func Page(reply any) (cursor string, items []string, ok bool) {
	parts, ok := reply.([]any)
	if !ok || len(parts) != 2 {
		return "", nil, false
	}
	cursor, ok = parts[0].(string)
	if !ok {
		return "", nil, false
	}
	items, ok = Strings(parts[1])
	return cursor, items, ok
}
