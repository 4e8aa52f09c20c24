// Package preflight makes a Genesys Cloud campaign safe to dial before it is switched on, and
// proves that it is.
//
// [NewPlan] reads a campaign and its contact list, and asks a [dnc.Checker] about every number that
// the campaign would dial. The [Plan] says what must be blocked. Nothing is changed yet.
// [Plan.Apply] blocks the numbers and reads everything back. If you ask for it, it starts the
// campaign:
//
//	plan, err := preflight.NewPlan(ctx, dnc.Protect(checker), client, campaignID, preflight.StartWhenVerified())
//	...
//	fmt.Println(plan) // campaign 1111..., contacts: 2000; numbers: 1816 allowed, 170 blocked, 0 unknown, 14 invalid, ...
//	result, err := plan.Apply(ctx)
//
// [Plan.AssertProtected] reads the campaign back at any later time, and names everything that is
// missing. [Plan.Save] writes a plan to a file, and [ReadPlan] reads it in another process. That
// process can go on with an Apply that was cut off by a crash.
//
// # What happens to a number
//
//	decision                                   on the campaign's DNC list    marked uncallable
//	allowed                                    no                            no
//	blocked, written as "+14155550123"         yes                           no
//	blocked, written in another way            yes                           yes
//	blocked only for now                       no                            no
//	not a number                               no                            yes
//	no full answer, or that of a fallback      there is no plan; with BlockUnknown, the same as blocked
//
// A number is blocked only for now if each of its reasons ends by itself: calling hours, holidays,
// emergencies, limits of attempts. A DNC list would keep it from being called for good.
// [Counts].BlockedForNow and the report count such numbers. Callable times on the platform keep
// them from being called.
//
// Some numbers are not dialled at present, because the number or its contact is uncallable. They
// are decided like all others: an upload, or somebody in the user interface, may make them callable
// again.
//
// A mark says that the number in one phone column of a contact is uncallable (phoneNumberStatus,
// callable false). Marks are for what a DNC list cannot stop: text that is not a number, and
// numbers in a spelling that the platform may not compare with "+14155550123". The contact's other
// numbers are still dialled. Apply never removes a mark, even if the number is allowed later.
// [genesys.AddOptions].ResetAttempts removes all marks of a contact. [Plan.Unmarkable] names
// contacts that cannot be marked.
//
// # When a campaign is started
//
// [StartWhenVerified] starts a campaign only if [Plan.AssertProtected] finds no gap, apart from the
// kinds that the caller accepts. A campaign without attempt limits and callable times has two gaps:
// set both, or accept [GapNoAttemptLimits] and [GapNoCallableTimes]. The contacts are exported
// again just before. The campaign is not started if a contact was added, removed, or got another
// number. Some seconds pass between that export and the start: hold uploads back meanwhile.
//
// Right after the start the campaign is read. If somebody detached a DNC list at that moment, or
// gave it another contact list or other columns, it is stopped again.
//
// # Load contacts
//
// [Load] fills a contact list from a file ([CSV]) or from any sequence of rows. It writes the
// contacts that may be called, and returns the others with their reasons:
//
//	report, err := preflight.Load(ctx, client, dnc.Protect(checker), listID, preflight.CSV{IDColumn: "id"}.Rows(file))
//
// It may be stopped and repeated: contacts have ids, so no contact is added twice. A list that Load
// has filled still needs a plan, because opt-outs come every day.
//
// # Bring opt-outs back
//
// [Sync] brings the opt-outs that the platform has recorded into a list of yours, such as one in
// Redis. It also brings your numbers to a DNC list of the platform. It adds numbers, and removes
// none:
//
//	report, err := preflight.Sync(ctx, client,
//		preflight.FromDNCLists(agents), preflight.IntoList(list, writer, record), preflight.ToDNCList(target, numbers))
//
// # Exports
//
// When several tools ask for an export of a list, the platform returns the newest one that is
// ready. It may be one that another tool asked for earlier, and show the list as it was then. So a
// contact list is exported until two exports in a row agree. One case is not noticed: other tools
// asked for two or more exports just before, and these agree with each other.
//
// # Requests
//
// An export is 5 requests, and one more each time it is not ready. These are the fewest requests,
// for a campaign without marks:
//
//	NewPlan                        14; 6 more if the campaign has a DNC list of its own
//	Apply, everything to change    23, and one for each 1,000 numbers after the first 1,000
//	Apply, nothing to change       21; none of them writes
//	AssertProtected                25; 17 if no number is blocked and no DNC list attached
//	  beside that                  one for each further 100 campaign rules and 100 campaign sequences
//	                               one for each rule set in force, and for each sequence that has the campaign and is off
//	Load                           2, and one for each 1,000 contacts; 5 more for a list that is not empty
//
// A plan of one million contacts takes 2 to 3 s of processor time and less than 100 MiB of memory
// (docs/performance.md). The time that the platform takes for exports is not included.
//
// # Limits
//
// A number that an earlier plan blocked stays on the campaign's list when it is allowed again,
// until it expires or [UnblockAllowed] names that plan.
//
// Contacts that are uploaded while the campaign dials were not checked.
//
// [Plan.AssertProtected] does not read what a data action does, and the times in the organisation's
// settings. The gaps [GapRuleSetsChange] and [GapAutomaticTimeZones] say where these matter. It
// compares callable times with the law only if [WithHours] gives a rule.
//
// It reads schedules, campaign sequences and campaign rules as they are now. Whoever makes one later
// can still start the campaign: call it again, as for contacts that are uploaded.
package preflight
