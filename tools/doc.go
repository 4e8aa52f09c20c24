// Package tools is empty. The module beside it names the development tools and their versions; see
// the Makefile.
package tools
