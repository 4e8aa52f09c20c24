package genesys

import (
	"maps"
	"slices"
	"strconv"
)

// NewExportedContact makes an exported contact of the list's own columns and the platform's.
func NewExportedContact(id string, callable bool, data, system map[string]string) ExportedContact {
	names, cells := []string{"inin-outbound-id"}, []string{id}
	for _, name := range slices.Sorted(maps.Keys(data)) {
		names, cells = append(names, name), append(cells, data[name])
	}
	names, cells = append(names, "ContactCallable"), append(cells, strconv.FormatBool(callable))
	for _, name := range slices.Sorted(maps.Keys(system)) {
		names, cells = append(names, name), append(cells, system[name])
	}
	return ExportedContact{ID: id, Callable: callable, header: newHeader(names), cells: cells}
}
