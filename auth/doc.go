// Package auth logs in to Genesys Cloud and keeps a token.
//
// A [Region] says where to log in, [ClientCredentials] say with what, and a [Source] returns the
// token and renews it:
//
//	region, err := auth.ParseRegion("eu-west-1") // or "mypurecloud.ie"
//	source, err := auth.ClientCredentials{
//		Region: region, ClientID: id, ClientSecret: auth.NewSecret(secret),
//	}.Source()
//	token, err := source.Token(ctx)
//
// Most programs give the Source to genesys.NewCampaignClient and never handle a token. It builds on
// golang.org/x/oauth2: [FromOAuth2] and [Source.OAuth2] convert from it and to it.
//
// # What a Source does
//
//	a hundred first callers at once     one login for all
//	a token near its end                a renewal 60 s before (EarlyExpiry); callers get the old token meanwhile
//	a caller's context ends             this caller returns at once; the login goes on for the others, at most 30 s (Timeout)
//	the login throttles, with 400, 429  it is asked again after its Retry-After, or after 1, 2 and 4 s, within the Policy
//	408, 500, 502, 503, 504, no reply   it is asked again within the Policy
//	all tries of a renewal failed       the next renewal has one try, after 1, 2, 4, 8, 16, 30 s, or after its Retry-After
//	the login refuses the credentials   all callers get the error at once; the next login after 1, 2, 4, 8, 16, 30 s
//	expires_in absent, 0, not a number  the token is used for 60 s; more than 24 h count as 24 h
//	the API answers 401                 Invalidate drops exactly that token
//
// # What it never does
//
// It sends the secret only to the region's login host. It does not follow redirects, and a region's
// name must be a plain domain. It never prints a secret or a token: not with any verb of fmt, not
// in a log, and not in an error. Some login servers repeat in a reply what they were sent, so an
// error keeps only the reply's error code.
package auth
