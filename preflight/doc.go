// Package preflight makes a Genesys Cloud campaign safe to dial before it is switched on, and
// proves it.
//
// [NewPlan] reads the campaign and its contact list, asks a [dnc.Checker] about every number that
// the campaign would dial, and says what has to be blocked; nothing is changed. [Plan.Apply] blocks
// it, reads it back, and on demand starts the campaign:
//
//	plan, err := preflight.NewPlan(ctx, dnc.Protect(checker), client, campaignID, preflight.StartWhenVerified())
//	...
//	fmt.Println(plan) // campaign 1111...: 2000 contacts, 1816 numbers allowed, 170 blocked, 0 unknown, 14 invalid, ...
//	result, err := plan.Apply(ctx)
//
// [Plan.AssertProtected] reads the campaign back at any later time and names everything that is
// missing. [Plan.Save] and [ReadPlan] carry a plan to another process, also one that goes on after
// a crash.
//
// # Load
//
// [Load] fills a contact list: of the rows of a file ([CSV]) or of any sequence it writes those that
// may be called, and returns the others with their reasons:
//
//	report, err := preflight.Load(ctx, client, dnc.Protect(checker), listID, preflight.CSV{IDColumn: "id"}.Rows(file))
//
// It may be ended and repeated: contacts have ids, so none is there twice. A list that Load has
// filled still needs a plan: opt-outs come every day.
//
// # Sync
//
// [Sync] brings the opt-outs of the platform into a list of yours, such as one in Redis, and your
// numbers to a DNC list of the platform. It adds, and takes nothing away:
//
//	report, err := preflight.Sync(ctx, client,
//		preflight.FromDNCLists(agents), preflight.Into(list, writer, record), preflight.ToDNCList(target, numbers))
//
// # What is blocked how
//
//	decision                                   in the campaign's DNC list    number marked uncallable
//	allowed                                    no                            no
//	blocked, spelled "+14155550123"            yes                           no
//	blocked, spelled otherwise                 yes                           yes
//	without a full answer, or a fallback's     there is no plan, or, with BlockUnknown, as blocked
//	not a number                               no                            yes
//	blocked only for now                      no                            no
//
// A number is blocked only for now when each of its reasons ends by itself: calling hours,
// holidays, emergencies, attempt limits. A DNC list would keep it from being called for good.
// [Counts].BlockedForNow and the report name such numbers; callable times on the platform keep them from
// being called.
//
// A number that the platform does not dial at present, because it or its contact is uncallable, is
// decided like all others: an upload or somebody in the user interface may make it callable again.
//
// # Marks
//
// A mark says that the number in one phone column of a contact is uncallable (phoneNumberStatus,
// callable false). It is for what a DNC list cannot stop: text that is no number, and numbers in a
// spelling that the platform may not compare with "+14155550123". The contact's other numbers are
// dialled. Marks stay: Apply never takes one away, also when the number is allowed later, and
// [genesys.AddOptions].ResetAttempts takes away all of a contact's. [Plan.Unmarkable] names
// contacts that cannot be marked.
//
// # When nothing is started
//
// [StartWhenVerified] starts a campaign only where [Plan.AssertProtected] finds no gap but those
// that the caller names. The contacts are exported again just before: the campaign is not started
// when a contact was added or removed, or got another number. Between that export and the start
// there is a gap of some seconds: hold uploads back meanwhile.
//
// # Exports
//
// The platform hands out the newest export of a list that is ready, also one that another tool
// asked for before, which shows the list as it was then. So a contact list is exported until two
// exports in a row agree. Two or more exports that other tools have asked for just before, and that
// agree with each other, are not noticed.
//
// # Requests
//
// An export is 5 requests and one for each time that it is not ready. These are the fewest requests
// of a campaign without marks:
//
//	NewPlan                        14; 6 more where the campaign has a DNC list of its own
//	Apply, everything to change    22, and one for each 1,000 numbers after the first
//	Apply, nothing to change       20; none of them writes
//	Load                           2, and one for each 1,000 contacts; 5 more for a list that is not empty
//
// One million contacts are planned in under 3 s of processor time and 256 MiB (BenchmarkNewPlan);
// the exports, which the platform makes, come on top.
//
// # Limits
//
// A number that was blocked by an earlier plan and is allowed now stays on the campaign's list
// until it expires, or [UnblockAllowed] names that plan. Contacts that are uploaded while the
// campaign dials were not checked.
//
// [Plan.AssertProtected] reads campaign rules, rule sets and whether a contact list finds time zones
// by itself. It does not read which campaigns a sequence has, what a data action does, and the times
// in the organisation's settings: the findings RulesStart, RuleSetsChange and AutomaticTimeZones
// name them. It compares callable times with what the law says only where [WithHours] gives a rule.
package preflight
