// Package genesys makes Genesys Cloud outbound campaigns obey.
package genesys
