// Package auth logs in to Genesys Cloud and keeps a token.
package auth
