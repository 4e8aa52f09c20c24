// Package faulttest holds tests of the whole library against what is between it and Redis:
// balancers, names that move, proxies that cut and delay, servers that refuse. They use the public
// API of packages dnc and registry alone. One rule holds in all of them: a number that is on the
// list is never allowed.
package faulttest
