// Package dnctest tests whether a Checker keeps the contract of dnc.Checker. Call it in a test of
// every Checker that you write:
//
//	func TestMyChecker(t *testing.T) {
//		dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
//			return mylist.New(listed) // a Checker that blocks exactly these
//		})
//	}
//
// A Checker that asks another Checker is a decorator. Test it with TestDecorator too: whatever the
// other Checker does, the decorator must keep the contract. TestRule and TestRuleDecorator do the
// same for a dnc.Rule.
package dnctest
