// Package genesys reads and changes campaigns, DNC lists and contact lists of Genesys Cloud through
// the platform's API. It makes a campaign obey Do-Not-Call rules.
//
//	source, err := auth.ClientCredentials{Region: region, ClientID: id, ClientSecret: auth.NewSecret(secret)}.Source()
//	client, err := genesys.NewCampaignClient(source)
//	done, err := client.ApplyRules(ctx, campaignID, genesys.Rules{BlockedNumbers: numbers, DNCListIDs: lists})
//	err = client.StartCampaign(ctx, campaignID)
//
// Package genesystest is Genesys Cloud in memory, to try this on. Package preflight checks the
// contacts of a campaign with a Checker.
//
// # Campaigns
//
// [CampaignClient.ApplyRules] is what most programs want. It blocks numbers for a campaign,
// attaches DNC lists, and sets the contact list. Then it reads everything back, and says what it
// changed.
//
// [CampaignClient.UpdateCampaign] changes any field. It reads the campaign, applies a function, and
// writes the whole object with the version it read, as the platform demands. Fields that this
// library does not know keep every byte. If another program changed the campaign meanwhile, the
// function is applied to the newer object.
//
// [CampaignClient.StartCampaign] and [CampaignClient.StopCampaign] switch a campaign on and off. A
// campaign that is switched off is "stopping" for a while: [CampaignClient.WaitStatus] waits until
// it is off.
//
// # DNC lists and contacts
//
// A DNC list blocks numbers only for campaigns that it is attached to.
//
//   - [CampaignClient.AddDNCNumbers] and [CampaignClient.RemoveDNCNumbers] change an internal list, in
//     requests of 1,000 numbers. [CampaignClient.UploadDNCNumbers] adds hundreds of thousands.
//   - [CampaignClient.ExportDNCList] is the only way to see the entries of a list.
//     [CampaignClient.MissingDNCNumbers] returns those of your numbers that are not on it.
//   - [CampaignClient.AddContacts] adds and updates contacts. Nobody is called again unless [AddOptions]
//     ask for it.
//   - [CampaignClient.MarkUncallable] has the platform no longer call a contact, one of its numbers, or
//     one medium. [CampaignClient.MarkAllUncallable] does this for many contacts.
//   - [CampaignClient.SetAttemptLimits] limits how often contacts are called, and
//     [Campaign.SetCallableTimeSet] when.
//   - [CampaignClient.Diagnostics] reads the lists and limits that apply to a campaign now.
//     [CampaignClient.Progress] counts the contacts that were called, and those that were skipped.
//   - [CampaignClient.CampaignRules], [CampaignClient.CampaignSchedule] and
//     [CampaignClient.CampaignSequences] read what can start a campaign without a program.
//   - [WithObserver] reports each request to metrics and traces.
//
// # Errors
//
// An error is an [*Error] with the platform's status, code and correlation id, or it wraps
// [ErrInvalidInput] and nothing was sent. [errors.Is] finds these:
//
//	ErrInvalidInput         an argument cannot be used; the text names it, with its index in a slice
//	ErrNotFound             404: it does not exist, or the client's divisions hide it
//	ErrUnauthorized         401, also with a new token; a refused login is an *auth.Error
//	ErrForbidden            403; Error.MissingPermissions names the permission
//	ErrConflict             409: other programs changed the campaign during 20 tries of UpdateCampaign
//	ErrCampaignStatus       the campaign runs, is stopping, or its contact list is in use
//	ErrRateLimited          429, also after the retries; Error.Wait is how long the platform asks to wait
//	retry.ErrRateLimitWait  the wait for the rate limit would end after the deadline: nothing was sent; Error.Wait is that wait
//	ErrListFull             400; Error.Limit has the limit's name and value
//	ErrTooLarge             413, also for a request of one item
//	ErrNotInternal          another service keeps the DNC list, so it takes no entries
//	ErrAmbiguousList        two DNC lists have the name of the campaign's own list
//	ErrUnexpectedReply      HTML, broken JSON, an endless body or a redirect
//	ErrNotVerified          the platform answered with success, but the change is not there
//
// A call that needs several requests can stop in the middle. Its error is a [*PartialError], which
// says where to go on.
//
// # What is repeated
//
// A request that fails is tried up to 4 times (see [WithRetry]), if that cannot do harm:
//
//	reads, and deleting expired entries     repeated
//	adding DNC numbers, uploading files     repeated: the effect is the same
//	changing a campaign                     repeated: the version lets it take effect once; after a lost reply the campaign is read first
//	contacts that all have an ID            repeated, unless ResetAttempts or Requeue is set
//	marking a contact                       the contact is read again before each write
//	jobs that mark many contacts            never repeated: the contacts are read instead
//	everything else                         repeated after 429, 401 and refused connections alone: then nothing was done
//
// "Everything else" is: starting, stopping, creating lists, adding contacts without an ID,
// ResetAttempts, Requeue, RemoveDNCNumbers and EmptyDNCList. If the outcome of one of these is not
// known, [Error].Uncertain is true.
//
// No redirect is followed with the token. No body is read without a limit. No error and no log has
// a phone number or a token.
//
// # Limits
//
// The platform shows the entries of a list only by export. An export takes from seconds to minutes.
// ApplyRules needs one if the campaign already has a list of its own.
//
// A contact has no version: if two programs change it at the same moment, one change is lost.
//
// The vendor's pages contradict each other on whether scheduled callbacks are checked against DNC
// lists. Assume that they are not.
//
// What the platform does is taken from its public API definition (version 10311) and its own
// clients. It was not tried on a live organisation.
package genesys
