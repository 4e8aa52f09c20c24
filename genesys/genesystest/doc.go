// Package genesystest is Genesys Cloud in memory, for tests and examples. It has the login, and the
// part of the API that deals with outbound campaigns, DNC lists and contact lists. It is strict: it
// refuses what the real platform refuses.
//
//	p := genesystest.New()
//	list := p.AddContactList("Spring", "name", "phone")
//	campaign, err := p.AddCampaign(`{"name":"Spring","contactList":{"id":"` + list + `"}}`)
//	...
//	client, err := genesys.NewCampaignClient(p.Source())
//
// A [Platform] is a [net/http.RoundTripper]: it opens no port and starts no goroutine.
// [Platform.Source] has a client use it. Inside a [testing/synctest] bubble it uses the bubble's
// time. For clients in other processes it is also a [net/http.Handler].
//
// [Platform.AddFault] makes requests fail. [Platform.Requests] returns the requests that were sent.
//
// # What it does as the platform does
//
// Values of the wrong type, or outside of an enumeration, are 400 invalid.value in a body, and 400
// invalid.query.param.value in a query. Properties that the API's definition does not have are
// kept.
//
// Campaigns:
//
//   - PUT replaces the whole object: without dncLists the campaign has no DNC lists any more.
//   - Required fields, the version and campaignStatus must be there.
//   - An old version is 409 invalid.update.wrong.version.
//   - The status cannot change together with other fields: 400
//     invalid.update.bad.status.transition.
//   - The contact list cannot change while the campaign runs. Nothing can change while it is stopping.
//   - Phone columns must be columns of the contact list.
//   - The dialing modes preview, power, predictive and progressive need a queue and a script.
//   - maxCallsPerAgent keeps its decimals only with useMaxCallsPerAgentDecimal=true.
//   - A campaign is off when it is created, and is deleted only while it does not run.
//   - The objects that it refers to must exist, and cannot be deleted. Nor can a campaign that is in a
//     sequence.
//   - Start: off, complete and forced_off become on. Stop: on becomes stopping, then off. Both are
//     possible by PUT too, with an object that is otherwise unchanged.
//   - A contact list is in use by one running campaign at most. At most 50 campaigns run.
//
// DNC lists:
//
//   - A list needs what its source type asks for, and is changed as a whole, with its version.
//   - Phone numbers are E.164 and go on internal lists only. A request has at most WithMaxNumbers, or
//     it is 413.
//   - An expiry is yyyy-MM-ddTHH:mmZ, at most 180 days ahead.
//   - A list may have e-mail addresses, WhatsApp numbers or custom columns in place of phone numbers.
//   - A full list is 400 with the limit. DELETE without expiredOnly=true empties the list.
//   - Files are put at a signed address and then imported.
//
// Contact lists and contacts:
//
//   - The columns of a list never change. A list that a campaign uses cannot be deleted.
//   - A request adds at most 1,000 contacts, with exactly the columns of the list. Ids have letters,
//     digits, "-" and "_". clearSystemData and doNotQueue have their effects.
//   - A bulk read has at most 50 contacts. Bulk changes and removals are jobs, by ids or by criteria. A
//     member of the patch replaces that of the contact.
//
// The rest:
//
//   - An export is a POST, then GET until it is ready. Until then an older export is returned. The
//     download redirects to another host, which refuses a token.
//   - Listings have pages of 25, at most 100. Names are compared by prefix unless filterType says
//     otherwise. Filters, sortBy, sortOrder, lists of values and nextUri work.
//   - Attempt limits, callable time sets, rule sets, campaign rules and contact list filters are only
//     stored. They can be attached.
//   - Campaign sequences and schedules are only stored: they start no campaign. The first PUT makes a
//     schedule. A campaign or sequence has one, or none: then the GET is 404.
//   - Permissions are those of the definition. A 403 names the missing ones.
//   - Errors are the platform's ErrorBody with its codes. A 429 has Retry-After.
//
// Any other operation is answered 501 "genesystest does not have this operation".
package genesystest
