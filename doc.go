// Package dnc answers one question: may this number be dialled?
package dnc
