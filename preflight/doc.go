// Package preflight makes a Genesys Cloud campaign safe to dial before it is switched on.
//
// [NewPlan] reads the campaign and its contact list, asks a [dnc.Checker] about every number that the campaign would dial, and says what
// has to be blocked; nothing is changed. [Plan.Apply] blocks it, reads it back, and on demand starts the campaign:
//
//	plan, err := preflight.NewPlan(ctx, dnc.Protect(checker), client, campaignID, preflight.StartAfter())
//	...
//	fmt.Println(plan) // campaign 1111...: 2000 contacts, 1816 numbers allowed, 170 blocked, 0 unknown, 14 invalid, ...
//	result, err := plan.Apply(ctx)
//
// # What is blocked how
//
//	decision                                   in the campaign's DNC list    number marked uncallable
//	allowed                                    no                            no
//	blocked, spelled "+14155550123"            yes                           no
//	blocked, spelled otherwise                 yes                           yes
//	unknown                                    there is no plan, or, with BlockUnknown, as blocked
//	not a number                               no                            yes
//
// A number that the platform does not dial at present, because it or its contact is uncallable, is decided on as all others: an upload
// or somebody in the user interface may make it callable again.
//
// # Marks
//
// A mark says that the number in one phone column of a contact is uncallable (phoneNumberStatus, callable false). It is for what a DNC
// list cannot stop: text that is no number, and numbers in a spelling that the platform may not compare with "+14155550123". The
// contact's other numbers are dialled. Marks stay: Apply never takes one away, also when the number is allowed later, and
// [genesys.AddOptions].ResetAttempts takes away all of a contact's. Marking takes two requests for each number, at the client's rate:
// about 140 a minute.
//
// # When nothing is started
//
// With [StartAfter] the contacts are exported again just before the start. The campaign is not started when a contact came, went or got
// another number, a mark is gone, the campaign dials other columns or another list, has lost a DNC list, or its own list has fewer
// entries than were sent to it ([ErrChanged]); nor when it is complete, without [RedialComplete]. Between that export and the start, some seconds, remains a gap: hold uploads back meanwhile.
//
// # Limits
//
// A number that was blocked by an earlier plan and is allowed now stays on the campaign's list until it is taken off with
// [genesys.CampaignClient.RemoveDNCNumbers], or expires. Without StartAfter, contacts that come after the plan was made are noticed by
// the list's size alone, and only until Apply returns. Contacts that are uploaded while the campaign dials were not checked. A mark that was
// there when the plan was made and is taken away before Apply is noticed with StartAfter alone. A contact whose id is no UUID
// cannot be marked: Apply returns an error then, after the rules hold.
package preflight
