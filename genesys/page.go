package genesys

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The largest page that the platform gives, and more of them than any organisation has.
const (
	pageSize = 100
	maxPages = 100_000
)

func byName(query url.Values, name string) {
	if name != "" {
		query.Set("name", name)
		query.Set("filterType", "Equals") // the default is Prefix
	}
}

// pages reads a listing.
func pages[T any](
	ctx context.Context, c *CampaignClient, path string, query url.Values, id func(*T) string,
) iter.Seq2[T, error] {
	return walk(ctx, c, func(number, size int) call {
		query.Set("pageSize", strconv.Itoa(size))
		query.Set("pageNumber", strconv.Itoa(number))
		return call{method: http.MethodGet, path: path, query: query}
	}, id)
}

// page is a page of a listing.
type page[T any] struct {
	Entities   []T    `json:"entities"`
	PageCount  *int   `json:"pageCount"`
	PageNumber *int   `json:"pageNumber"`
	Total      *int64 `json:"total"`
	NextURI    string `json:"nextUri"`
}

// walk reads page after page. What is created meanwhile moves them: an item is given once, even if
// it is seen twice. Pages from which one cannot tell whether there are more, or that contradict
// each other, are an error: a list that is short unseen is worse. A page that is too large for the
// platform is asked for in halves.
func walk[T any](
	ctx context.Context, c *CampaignClient, ask func(number, size int) call, id func(*T) string,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		l := &listing{seen: map[string]struct{}{}, size: pageSize}
		for number := 1; ; number++ {
			var got page[T]
			op := ask(number, l.size)
			op.into = &got
			if err := c.do(ctx, op); err != nil {
				if tooMuch(err) && l.size%2 == 0 && ctx.Err() == nil {
					l.size /= 2
					number = 2 * (number - 1) // and one more: the first half
					continue
				}
				yield(none, err)
				return
			}
			before, odd := len(l.seen), ""
			for i := range got.Entities {
				key := id(&got.Entities[i])
				if key == "" {
					odd = "an item of the listing has no id"
					break
				}
				if _, ok := l.seen[key]; ok {
					continue
				}
				l.seen[key] = struct{}{}
				if !yield(got.Entities[i], nil) {
					return
				}
			}
			last := false
			if odd == "" {
				last, odd = l.judge(number, len(l.seen)-before, len(got.Entities), got.PageCount, got.PageNumber,
					got.Total, got.NextURI)
			}
			switch {
			case odd != "":
				yield(none, &Error{
					Method: op.method, Path: op.path, Status: http.StatusOK, Message: odd, Err: ErrUnexpectedReply,
				})
				return
			case last:
				return
			}
		}
	}
}

// tooMuch reports whether a smaller page, or a smaller part, may do better.
func tooMuch(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok &&
		(e.Status == http.StatusGatewayTimeout || e.Code == "response.entity.too.large" || errors.Is(err, ErrTooLarge))
}

// listing is what is known of a listing that is being read.
type listing struct {
	seen  map[string]struct{}
	size  int   // of a page
	total int64 // as the last page had it that says one, 0 for none
}

// judge says whether a page is the last one, and what is odd about it.
func (l *listing) judge(number, fresh, items int, count, self *int, total *int64, next string) (last bool, odd string) {
	before := l.total
	if total != nil {
		l.total = *total
	}
	switch {
	case count == nil || *count < 0 || *count < 1 && items > 0:
		return false, "the listing does not say how many pages it has"
	case *count > maxPages:
		return false, "the listing has more pages than are read"
	case self != nil && *self != number:
		return false, "the reply is another page of the listing"
	case total != nil && (*total < 0 || *total < before):
		return false, "the listing has become shorter while it was read, so that items may have been missed: read it again"
	case number < *count && fresh == 0:
		return false, "the listing has a page with nothing new before its end"
	case number < *count:
		return false, ""
	case next != "":
		return false, "the listing ends, and names a next page"
	case int64(len(l.seen)) < l.total:
		return false, "the listing has fewer items than it says"
	case total == nil && *count > 0 && len(l.seen) == 0:
		return false, "the listing has a page and no items"
	case total == nil && items > 0 && fresh == 0:
		return false, "the listing ends with a page that was there before, so that the last one may have been missed"
	}
	return true, ""
}

func sameID(a, b string) bool { return strings.EqualFold(a, b) }

type reference struct {
	ID string `json:"id"`
}
