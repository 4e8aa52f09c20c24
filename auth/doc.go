// Package auth logs in to Genesys Cloud and keeps a token.
//
// A [Region] says where, [ClientCredentials] say who, and a [Source] hands out the token and renews
// it:
//
//	region, err := auth.ParseRegion("eu-west-1") // or "mypurecloud.ie"
//	source, err := auth.ClientCredentials{
//		Region: region, ClientID: id, ClientSecret: auth.NewSecret(secret),
//	}.Source()
//	token, err := source.Token(ctx)
//
// Most programs hand the Source to genesys.NewCampaignClient and never see a token. It builds on
// golang.org/x/oauth2: [FromOAuth2] and [Source.OAuth2] convert from it and to it.
//
// # What a Source does
//
//	hundred first calls at once         one login
//	a token near its end                is renewed 60 s before (EarlyExpiry), while the old one still serves
//	a caller whose context ends         leaves at once; the login goes on for the others, 30 s at most (Timeout)
//	the login throttles, as 400 or 429  is asked again after what it says, or 15 s, within the Policy
//	408, 500, 502, 503, 504, no reply   is asked again within the Policy
//	a renewal failed for good           the next one asks once, after 1, 2, 4, 8, 16, 30 s or what the login said
//	the login refuses                   the error at once, for everybody, and the next login after 1, 2, 4, 8, 16, 30 s
//	expires_in absent, 0, or no number  the token serves for 60 s; more than 24 h count as 24 h
//	the API answers 401                 Invalidate drops exactly that token
//
// # What it never does
//
// It sends the secret to no other host: redirects are not followed, and a region's name is checked
// to be nothing but a domain. It prints no secret and no token, in no verb of fmt, in no log and in
// no error: login servers are known to repeat what they were sent, so of a reply only the error
// code is kept.
package auth
