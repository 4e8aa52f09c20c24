// Package genesys makes Genesys Cloud outbound campaigns keep to Do-Not-Call rules: it reads and
// changes campaigns, DNC lists and contact lists through the platform's API. No field is lost, and
// no change is made twice.
//
//	source, err := auth.ClientCredentials{Region: region, ClientID: id, ClientSecret: auth.NewSecret(secret)}.Source()
//	client, err := genesys.NewCampaignClient(source)
//	done, err := client.ApplyRules(ctx, campaignID, genesys.Rules{BlockedNumbers: numbers, DNCListIDs: lists})
//	err = client.StartCampaign(ctx, campaignID)
//
// Package genesystest is a platform in memory to try it on; package preflight scrubs a campaign's
// contacts with a Checker.
//
// # Campaigns
//
// [CampaignClient.ApplyRules] is what most programs want: it makes a contact list, numbers and DNC
// lists hold for a campaign, reads everything back, and says what it changed. Under it,
// [CampaignClient.UpdateCampaign] changes any field: it reads the campaign, applies a function, and
// writes the whole object with the version it read, as the platform demands; fields that this
// library does not know pass through with every byte. When somebody else was faster, the function
// is applied to the newer object. [CampaignClient.StartCampaign] and [CampaignClient.StopCampaign]
// switch, [CampaignClient.WaitStatus] waits: off comes after stopping.
//
// # DNC lists and contacts
//
// [CampaignClient.AddDNCNumbers] and [CampaignClient.RemoveDNCNumbers] change an internal list in
// chunks that may be repeated; [CampaignClient.ExportDNCList] is the one way to see what is on it,
// and [CampaignClient.MissingDNCNumbers] says which of some numbers are not.
// [CampaignClient.UploadDNCNumbers] is for hundreds of thousands. A DNC list has an effect only on
// campaigns that name it. [CampaignClient.AddContacts] never has anybody called again unless
// [AddOptions] say so, and [CampaignClient.MarkUncallable] takes out a contact, one of its numbers,
// or one medium; [CampaignClient.MarkAllUncallable] does so for many.
//
// [CampaignClient.SetAttemptLimits] and [Campaign.SetCallableTimeSet] say how often and when
// contacts are called; [CampaignClient.Diagnostics] shows what counts at present, and
// [CampaignClient.Progress] who was called and who was skipped.
//
// [WithObserver] tells metrics and traces of each request, by method and route.
//
// # Errors
//
// Errors are an [*Error] with the platform's status, code and correlation id, or wrap
// [ErrInvalidInput], when nothing was sent. The sentinels are for [errors.Is]:
//
//	ErrInvalidInput    an argument; the text says which one, by its index where there are many
//	ErrNotFound        404, also what the client's divisions hide
//	ErrUnauthorized    401, after a second try with a new token; a refused login is an *auth.Error
//	ErrForbidden       403; Error.MissingPermissions names the permission
//	ErrConflict        409, after 20 tries of UpdateCampaign
//	ErrCampaignStatus  it runs, is stopping, or its contact list is in use
//	ErrRateLimited     429, after waiting; Error.Wait is what the platform asked for
//	retry.ErrBusy      earlier calls use up the rate limit until after the deadline: nothing was sent; Error.Wait says when to come back
//	ErrListFull        400; Error.Limit has the limit's name and value
//	ErrTooLarge        413, after halving
//	ErrNotInternal     the DNC list is kept by another service
//	ErrAmbiguousList   two DNC lists have the name of a campaign's own
//	ErrUnexpectedReply HTML, broken, endless or redirected replies
//	ErrNotVerified     the platform said yes, and it cannot be read back
//
// A call in several requests that stops in the middle is a [*PartialError], which says where to go
// on.
//
// # What is sent twice
//
//	reading, DELETE of expired entries                   repeated
//	adding DNC numbers                                   repeated: the effect is the same
//	files of numbers                                     repeated: the effect is the same
//	PUT of a campaign                                    repeated: the version lets it take effect once; a lost reply is looked for
//	contacts that all have an ID                         repeated
//	marking a contact                                    the contact is read anew each time
//	jobs that mark many                                  never: the contacts are read instead
//	start, stop, creating lists, contacts without an ID, only after 429, 401 and refused connections, when nothing was done;
//	ResetAttempts, Requeue, removing DNC numbers,        else the error is Uncertain
//	EmptyDNCList
//
// No redirect is followed with the token; no body is read without bound; phone numbers and tokens
// are in no error and no log.
//
// # Limits
//
// The platform shows a list's entries by export alone. An export takes from seconds to minutes, and
// ApplyRules needs one where the campaign has a list of its own already.
//
// A contact has no version: if two programs change it at the same moment, one change is lost.
//
// Whether calls that were scheduled as callbacks are scrubbed is not documented consistently by the
// vendor: assume that they are not.
//
// What the platform does is taken from its public API definition (version 10311) and its own
// clients; it was not tried on a live organisation.
package genesys
