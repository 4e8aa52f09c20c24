package sheet

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHeaderAgain(t *testing.T) {
	header := []string{"Name", "Phone", "State"}
	for _, c := range []struct {
		row          []string
		again, moved bool
	}{
		{[]string{"name", "phone", " State"}, true, false},
		{[]string{"name", "phone"}, true, true},
		{[]string{"Phone", "Name", "State"}, true, true},
		{[]string{"State", "Name", "E-mail", "Phone"}, true, true},
		{[]string{"Ann", "4155550123", "Phone"}, false, false},
		{[]string{"Ann", "n/a", "Phone"}, false, false},
		{[]string{"Name", "", "State"}, false, false},
		{[]string{"Ann"}, false, false},
	} {
		again, moved := HeaderAgain(header, c.row, 1)
		assert.Equal(t, []bool{c.again, c.moved}, []bool{again, moved}, c.row)
	}
	again, moved := HeaderAgain([]string{"phone"}, []string{"Phone"}, 0)
	assert.Equal(t, []bool{true, false}, []bool{again, moved})
}

func TestRangeEnd(t *testing.T) {
	for _, c := range []struct {
		header []string
		want   int
	}{
		{[]string{"from", "to"}, 1},
		{[]string{"start", "id", "end"}, 2},
		{[]string{"First Number", "Last Number"}, 1},
		{[]string{"begin", "count"}, 1},
		{[]string{"phone", "phone to"}, 1},
		{[]string{"Phone", "Phone End"}, 1},
		{[]string{"From", "To", "Body", "Date"}, -1},
		{[]string{"First Phone", "Last Name"}, -1},
		{[]string{"phone", "count"}, -1},
		{[]string{"phone", "end date"}, -1},
	} {
		assert.Equal(t, c.want, RangeEnd(c.header, 0), c.header)
	}
}
