// Package broken has a test that fails without a change.
package broken

// Yes is true.
func Yes() bool { return true }
