// Command contract reduces the platform's API definition to what the contract module needs: paths, parameters, types, required
// fields, enums, permissions and error codes. The vendor's prose is left out.
//
//	go run ./contract openapi-outbound.json > ../contract/definition.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("found %d arguments; give one: the file of the API's definition, Swagger 2.0 as JSON", len(args))
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var definition map[string]any
	if err := json.Unmarshal(data, &definition); err != nil {
		return fmt.Errorf("%s is not a JSON object: %w", args[0], err)
	}
	if definition["swagger"] != "2.0" {
		return fmt.Errorf("%s is not Swagger 2.0: its field \"swagger\" has another value", args[0])
	}
	definition["info"] = map[string]any{"title": "Genesys Cloud outbound API, reduced", "version": "v2"}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(reduce(definition, false))
}

// reduce returns a value without its prose. The keys of a map by name are names that the API chose, so none of them is prose.
func reduce(value any, byName bool) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = reduce(v[i], false)
		}
	case map[string]any:
		_, response := v["schema"]
		for key, child := range v {
			if byName {
				v[key] = reduce(child, false)
				continue
			}
			switch key {
			case "summary", "externalDocs", "example", "x-status-source":
				delete(v, key)
			case "description":
				if _, text := child.(string); text && !response {
					v[key] = "" // a response must have one
				}
			case "x-error-codes-2018", "x-common-error-codes", "x-inin-error-codes":
				if codes, ok := child.(map[string]any); ok {
					for code := range codes {
						codes[code] = ""
					}
				}
			case "enum", "default":
			default:
				v[key] = reduce(child, namesKeys[key])
			}
		}
		if text, ok := v["description"]; ok && !byName && text == "" && v["type"] != nil {
			delete(v, "description")
		}
	}
	return value
}

// namesKeys are the fields that hold a map by name.
var namesKeys = map[string]bool{"paths": true, "definitions": true, "properties": true, "responses": true, "securityDefinitions": true, "scopes": true}
