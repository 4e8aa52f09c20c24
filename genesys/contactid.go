package genesys

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxContactID bounds an id of the customer's own. The platform names no limit; its own ids have 32
// or 36 bytes.
const maxContactID = 256

// checkContactID refuses what can be taken for another path. A contact's id is the platform's own,
// or the customer's ("CUST-1001"): it is escaped, but servers on the way may take an escaped slash
// for a slash, and a path of dots for the one above.
func checkContactID(id string) error {
	switch {
	case id == "":
		return invalid("the contact id is empty")
	case len(id) > maxContactID:
		return invalid("the contact id has %d bytes: want at most %d", len(id), maxContactID)
	case !utf8.ValidString(id):
		return invalid("the contact id is not UTF-8")
	case strings.Trim(id, ".") == "":
		return invalid("the contact id consists of dots alone")
	}
	for _, r := range id {
		if strings.ContainsRune(`/\%?#;`, r) || unicode.IsControl(r) {
			return invalid("the contact id has the character %q: want none of / \\ %% ? # ; and no control characters",
				r)
		}
	}
	return nil
}

// CheckContactID returns an error if the API cannot address a contact by this id: because of a
// character such as "/", or more than 256 bytes. Such a contact cannot be marked uncallable. The
// error wraps [ErrInvalidInput].
func CheckContactID(id string) error { return checkContactID(id) }

// contactPath is the path of a contact as it is sent, and as it may be shown.
func contactPath(listID, contactID string) (path, shown string) {
	all := contactLists + "/" + listID + "/contacts/"
	return all + url.PathEscape(contactID), all + shownID(contactID)
}

// shownID is an id that may be printed: customers use phone numbers as ids.
func shownID(id string) string {
	if isPlatformContactID(id) {
		return id
	}
	return clean(id, 64)
}

// sameContact compares two ids: those of the platform with and without dashes, those of customers
// byte by byte.
func sameContact(a, b string) bool {
	if isPlatformContactID(a) && isPlatformContactID(b) {
		return sameID(strings.ReplaceAll(a, "-", ""), strings.ReplaceAll(b, "-", ""))
	}
	return a == b
}

// isPlatformContactID reports whether an id is a UUID or 32 hexadecimal digits.
func isPlatformContactID(id string) bool {
	if isUUID(id) {
		return true
	}
	return len(id) == 32 && strings.Trim(id, "0123456789abcdefABCDEF") == ""
}
