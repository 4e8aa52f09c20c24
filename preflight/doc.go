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
//	marked uncallable on the platform          not asked                     is already
//
// # Limits
//
// A number that was blocked by an earlier plan and is allowed now stays on the campaign's list until it is taken off with
// [genesys.CampaignClient.RemoveDNCNumbers], or expires. Contacts that are added after the plan was made are noticed by the list's size
// alone. Marking takes two requests for each number, at the client's rate: about 140 a minute.
package preflight
