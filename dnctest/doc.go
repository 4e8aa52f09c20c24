// Package dnctest tests whether a Checker keeps the contract of dnc.Checker. Whoever writes a
// Checker, or one that asks others, runs it in a test:
//
//	func TestMyChecker(t *testing.T) {
//		dnctest.Test(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
//			return mylist.New(listed) // a Checker that blocks exactly these
//		})
//	}
//
// A Checker that asks another one also passes TestDecorator, which puts broken Checkers under it.
// TestRule and TestRuleDecorator are the same for a dnc.Rule.
package dnctest
