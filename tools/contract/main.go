// Command contract reduces the platform's API definition to what the contract module needs: paths,
// parameters, types, required fields, enums, permissions and error codes. The vendor's prose is
// left out.
//
//	go run . < openapi-outbound.json > ../../contract/definition.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var definition map[string]any
	if err := json.NewDecoder(in).Decode(&definition); err != nil {
		return fmt.Errorf("standard input must be the API's definition, one JSON object: %w", err)
	}
	if definition["swagger"] != "2.0" {
		return fmt.Errorf("standard input has \"swagger\": %v; only Swagger 2.0 can be reduced", definition["swagger"])
	}
	definition["info"] = map[string]any{"title": "Genesys Cloud outbound API, reduced", "version": "v2"}
	reduce(definition)
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(definition)
}

// reduce empties or removes the prose of an object of the definition.
func reduce(object map[string]any) {
	for key, value := range object {
		switch key {
		case "summary", "externalDocs", "example", "x-status-source":
			delete(object, key)
		case "description":
			object[key] = "" // it stays, because a response must have one
		case "scopes", "x-error-codes-2018", "x-common-error-codes", "x-inin-error-codes":
			if texts, ok := value.(map[string]any); ok {
				for name := range texts {
					texts[name] = ""
				}
			}
		case "enum", "default":
		case "paths", "definitions", "properties", "responses", "securityDefinitions":
			if named, ok := value.(map[string]any); ok { // by names that the API chose: "description" is one
				for _, child := range named {
					reduceAny(child)
				}
			}
		default:
			reduceAny(value)
		}
	}
}

func reduceAny(value any) {
	switch v := value.(type) {
	case map[string]any:
		reduce(v)
	case []any:
		for _, child := range v {
			reduceAny(child)
		}
	}
}
