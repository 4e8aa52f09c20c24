// Package genesystest is a Genesys Cloud in memory, for tests and examples, as [net/http/httptest]
// is a server: the login, and of the API the outbound part that deals with campaigns, DNC lists and
// contact lists. It is strict: what the real platform refuses it refuses.
//
//	p := genesystest.New()
//	list := p.AddContactList("Spring", "name", "phone")
//	campaign, err := p.AddCampaign(`{"name":"Spring","contactList":{"id":"` + list + `"}}`)
//	...
//	client, err := genesys.NewCampaignClient(p.Source())
//
// Nothing listens and nothing is started: a [Platform] is an [net/http.RoundTripper], which
// [Platform.Source] carries along. Inside of a [testing/synctest] bubble its clocks and delays are
// those of the bubble. For clients in other processes it is an [net/http.Handler] too.
//
// # What it does as the platform does
//
//	types              every property that the definition of the API lists has its type and its enumeration's values, or 400
//	                   invalid.value; properties that it does not list are kept; booleans and enumerations of a query are
//	                   spelled as it spells them, or 400 invalid.query.param.value
//	campaign PUT       whole objects only: an absent dncLists takes all lists off; required fields, version and campaignStatus
//	                   must be there; another version is 409 invalid.update.wrong.version; a status that changes beside other
//	                   fields is 400 invalid.update.bad.status.transition; while it runs its contact list cannot be changed; while
//	                   it is stopping nothing can; phone columns of the contact list; a queue and a script for preview, power,
//	                   predictive and progressive; decimals of maxCallsPerAgent only with useMaxCallsPerAgentDecimal=true
//	campaign           made off, deleted when it does not run; what it refers to must be there and cannot be deleted
//	campaign status    by PUT of the object as it was read, or by start and stop: off, complete, forced_off to on by start; on to stopping to off by stop; a contact list serves one running
//	                   campaign, and 50 campaigns run at once
//	DNC lists          what their source type needs must be there; changed as a whole with their version; divisionviews; entries of numbers,
//	                   e-mail addresses, WhatsApp numbers and custom columns; files are put to a signed address and imported
//	contact lists      made, changed but for their columns, cleared, deleted when no campaign uses them; attempt limits
//	others             attempt limits, callable time sets, rule sets, campaign rules, contact list filters are kept, and can be attached
//	permissions        those of the definition
//	DNC numbers        internal lists only; E.164; at most WithMaxNumbers a request, or 413; expiry yyyy-MM-ddTHH:mmZ, at most 180
//	                   days ahead; DELETE without expiredOnly=true empties the list; lists that are full answer 400 with the limit
//	contacts           at most 1,000 a request; exactly the list's columns; ids of letters, digits, - and _; clearSystemData and doNotQueue
//	contacts in bulk   read up to 50; change and remove by jobs, with ids or criteria: a member of the patch replaces the contact's
//	exports            POST, then GET until it is ready; an older export is given meanwhile; the download redirects to another host,
//	                   which refuses a token
//	listings           pages of 25, at most 100; names are compared as prefixes unless filterType says otherwise; filters, sortBy and
//	                   sortOrder; several values repeated or joined by commas; nextUri keeps the query
//	errors             the platform's ErrorBody with its codes; 401, 403 with the permissions that lack, 429 with Retry-After
//
// An operation that is not here is answered 501 "genesystest does not have this operation".
//
// What goes wrong on the way is scripted with [Platform.Script]; [Platform.Journal] has what was
// asked.
package genesystest
