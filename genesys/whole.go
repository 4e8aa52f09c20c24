package genesys

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// readWhole reads the body of a success before the request counts as answered. A body that is cut
// off is then a lost connection: what may be repeated is repeated, and for the rest it is not known
// what the platform has done. What is longer than any reply of the platform is left for the reader
// to refuse.
func readWhole(resp *http.Response) (*http.Response, error) {
	if resp.StatusCode < 200 || resp.StatusCode > 299 || resp.Body == nil {
		return resp, nil
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		_ = resp.Body.Close()
		return nil, &cutError{status: resp.StatusCode, correlation: correlationID(resp), err: safeNetError(err)}
	}
	if len(data) > maxReply {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(data), resp.Body), resp.Body}
		return resp, nil
	}
	_ = resp.Body.Close()
	if endsEarly(data) {
		return nil, &cutError{status: resp.StatusCode, correlation: correlationID(resp), err: io.ErrUnexpectedEOF}
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	return resp, nil
}

// endsEarly reports whether JSON ends in the middle: a connection may be closed there without a
// sign.
func endsEarly(data []byte) bool {
	if len(data) == 0 || data[0] != '{' && data[0] != '[' {
		return false
	}
	var raw json.RawMessage
	syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &raw))
	return ok && syntax.Offset >= int64(len(data)) && syntax.Error() == "unexpected end of JSON input"
}

// cutError is a reply whose body was cut off.
type cutError struct {
	status      int
	correlation string
	err         error
}

func (e *cutError) Error() string   { return errors.Join(e.Unwrap()...).Error() }
func (e *cutError) Unwrap() []error { return []error{ErrUnexpectedReply, errCutOff, e.err} }
