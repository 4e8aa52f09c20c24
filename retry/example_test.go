package retry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/retry"
)

func ExampleDo() {
	tries := 0
	err := retry.Do(context.Background(), retry.Policy{BaseDelay: time.Millisecond}, func(context.Context) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	fmt.Println(tries, err)
	// Output: 3 <nil>
}

func ExampleDoValue() {
	v, err := retry.DoValue(context.Background(), retry.Policy{}, func(context.Context) (int, error) { return 42, nil })
	fmt.Println(v, err)
	// Output: 42 <nil>
}

func ExamplePermanent() {
	err := retry.Do(context.Background(), retry.Policy{}, func(context.Context) error {
		return retry.Permanent(errors.New("no such campaign"))
	})
	fmt.Println(err)
	// Output: no such campaign
}

func ExampleError() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := retry.Do(ctx, retry.Policy{}, func(context.Context) error {
		return retry.After(errors.New("too many requests"), time.Minute)
	})
	if e, ok := errors.AsType[*retry.Error](err); ok {
		fmt.Println(e.Attempts, e.RetryAfter(), e.Reason)
	}
	// Output: 1 1m0s the wait would end after the caller's deadline
}

func ExampleTransport() {
	tries := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	client := &http.Client{Transport: &retry.Transport{
		Base:   &retry.LimitTransport{Base: server.Client().Transport, Limiter: rate.NewLimiter(4.8, 10)},
		Policy: retry.Policy{BaseDelay: time.Millisecond},
	}}
	request, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
	resp, err := client.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.StatusCode, tries)
	// Output: 200 2
}
