package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dnc-go/dnc/retry"
)

func ExampleDo() {
	tries := 0
	err := retry.Do(context.Background(), retry.Policy{BaseDelay: time.Millisecond}, func(context.Context) error {
		tries++
		if tries < 3 {
			return errors.New("connection reset")
		}
		return nil
	})
	fmt.Println(tries, err)
	// Output: 3 <nil>
}

func ExampleDoValue() {
	policy := retry.Policy{MaxAttempts: 2, BaseDelay: time.Millisecond}
	size, err := retry.DoValue(context.Background(), policy, func(context.Context) (int, error) {
		return 0, errors.New("the export is not ready")
	})
	fmt.Println(size, err)

	var gaveUp *retry.Error
	if errors.As(err, &gaveUp) {
		fmt.Println("tries:", gaveUp.Attempts)
	}
	// Output:
	// 0 retry: failed after 2 tries: the export is not ready
	// tries: 2
}

func ExamplePermanent() {
	errNotFound := errors.New("not found")
	tries := 0
	err := retry.Do(context.Background(), retry.Policy{}, func(context.Context) error {
		tries++
		return retry.Permanent(errNotFound)
	})
	fmt.Println(tries, errors.Is(err, errNotFound))
	// Output: 1 true
}

func ExampleAfter() {
	policy := retry.Policy{MaxDelay: 10 * time.Second}
	err := retry.Do(context.Background(), policy, func(context.Context) error {
		return retry.After(errors.New("maintenance"), time.Hour)
	})
	var gaveUp *retry.Error
	if errors.As(err, &gaveUp) && errors.Is(err, retry.ErrWaitTooLong) {
		fmt.Println("come back in", gaveUp.RetryAfter())
	}
	// Output: come back in 1h0m0s
}

func ExampleBudget() {
	// What shares a budget stops repeating together.
	policy := retry.Policy{BaseDelay: time.Millisecond, Budget: retry.NewBudget(28)}
	tries := 0
	fail := func(context.Context) error {
		tries++
		return errors.New("store is down")
	}
	for range 3 {
		err := retry.Do(context.Background(), policy, fail)
		fmt.Println(tries, errors.Is(err, retry.ErrBudget))
	}
	// Output:
	// 3 true
	// 4 true
	// 5 true
}
