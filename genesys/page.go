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

// pages reads a listing. What is created or deleted meanwhile moves the pages: an item is given once, even if it is seen twice.
func pages[T any](ctx context.Context, c *CampaignClient, path string, query url.Values, id func(*T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[string]struct{}{}
		query.Set("pageSize", strconv.Itoa(pageSize))
		for number := 1; number <= maxPages; number++ {
			query.Set("pageNumber", strconv.Itoa(number))
			var page struct {
				Entities  []T `json:"entities"`
				PageCount int `json:"pageCount"`
			}
			if err := c.do(ctx, call{method: http.MethodGet, path: path, query: query, into: &page}); err != nil {
				yield(none, err)
				return
			}
			for i := range page.Entities {
				key := id(&page.Entities[i])
				if _, ok := seen[key]; ok {
					continue
				}
				seen[key] = struct{}{}
				if !yield(page.Entities[i], nil) {
					return
				}
			}
			if number >= page.PageCount || len(page.Entities) == 0 {
				return
			}
		}
	}
}

func sameID(a, b string) bool { return strings.EqualFold(a, b) }

type reference struct {
	ID string `json:"id"`
}
