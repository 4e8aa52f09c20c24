package genesys

import (
	"context"
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
func pages[T any](ctx context.Context, c *CampaignClient, path string, query url.Values, id func(*T) string) iter.Seq2[T, error] {
	return walk(ctx, c, func(number int) call {
		query.Set("pageSize", strconv.Itoa(pageSize))
		query.Set("pageNumber", strconv.Itoa(number))
		return call{method: http.MethodGet, path: path, query: query}
	}, id)
}

// walk reads page after page. What is created or deleted meanwhile moves them: an item is given once, even if it is seen twice. Pages
// from which one cannot tell whether there are more are an error: a list that is short unseen is worse.
func walk[T any](ctx context.Context, c *CampaignClient, page func(number int) call, id func(*T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[string]struct{}{}
		for number := 1; ; number++ {
			var got struct {
				Entities  []T  `json:"entities"`
				PageCount *int `json:"pageCount"`
			}
			op := page(number)
			op.into = &got
			if err := c.do(ctx, op); err != nil {
				yield(none, err)
				return
			}
			before, odd := len(seen), ""
			for i := range got.Entities {
				key := id(&got.Entities[i])
				if key == "" {
					odd = "an item of the listing has no id"
					break
				}
				if _, ok := seen[key]; ok {
					continue
				}
				seen[key] = struct{}{}
				if !yield(got.Entities[i], nil) {
					return
				}
			}
			switch {
			case odd != "":
			case got.PageCount == nil || *got.PageCount < 1 && len(got.Entities) > 0:
				odd = "the listing does not say how many pages it has"
			case *got.PageCount > maxPages:
				odd = "the listing has more pages than are read"
			case number >= *got.PageCount:
				return
			case len(seen) == before:
				odd = "the listing has a page with nothing new before its end"
			default:
				continue
			}
			yield(none, &Error{Method: op.method, Path: op.path, Status: http.StatusOK, Message: odd, Err: ErrUnexpectedReply})
			return
		}
	}
}

func sameID(a, b string) bool { return strings.EqualFold(a, b) }

type reference struct {
	ID string `json:"id"`
}
