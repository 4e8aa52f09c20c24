// Package optout takes in opt-outs and never loses one. "Do not call me again" is written to disk
// before it is acknowledged. From then on this process blocks the number, and a worker brings the
// opt-out to every system that must know it, for as long as that takes.
//
//	intake, err := optout.Open("/var/lib/dialer/optouts",
//		optout.To("redis", optout.List(redisWriter)),               // dnc.RedisWriter
//		optout.To("genesys", genesysoptout.List(client, dncListID)), // a DNC list of Genesys Cloud
//		optout.To("crm", optout.TargetFunc(tellTheCRM)))
//	defer intake.Close()
//
//	receipt, err := intake.Add(ctx, optout.Request{Number: n, Source: "web", SourceID: formID})
//	sales := dnc.Protect(dnc.Union(national, redisList, intake.Checker()))
//
// If Add returns an error, the opt-out was not acknowledged: say so to whoever sent it, and send it
// again. This also holds when the disk is full.
//
// # What happens to an opt-out
//
//  1. The number is blocked in this process: see [Intake.Checker].
//  2. The opt-out is written to the outbox in the directory and synced to disk. Callers that come
//     at the same time share one sync.
//  3. Add returns the receipt. An event that arrives again is recognised by its Source and SourceID:
//     the receipt is that of the first.
//  4. Each target gets it, in the order of intake, with up to 500 changes a call. A target that
//     fails is tried again without end, after 1 s up to 5 min. Targets do not wait for one another.
//  5. Each delivery is written to the outbox as well. [Intake.History] shows all of it.
//
// After a crash [Open] reads the outbox, blocks what it has, and delivers what was not delivered. A
// delivery whose record was lost in the crash is made again: a target must accept that. Lists do;
// a func of your own recognises a repeated change by its ID.
//
// # Taking an opt-out back
//
// Nothing is deleted. [Intake.Withdraw] writes who took back the opt-outs of a number and why, and
// brings that to the targets. A later opt-out of the same number counts again. Give opt-outs lists
// of their own: a withdrawal takes the number off the list of each target, whoever put it there.
//
// # Replies by text message
//
// [Intake.Reply] reads the words of a reply: STOP and the like in English and Spanish are opt-outs.
// A reply that is not clearly harmless is held: the number is blocked everywhere until a person has
// read it and calls [Intake.Decide]. [Intake.Held] lists what waits. START changes nothing here: it
// allows texts at the carrier, and no call.
//
// # How late is too late
//
// [Deadlines] is the table of legal time limits, each row with its source. [Intake.Overdue] returns
// the deliveries that have missed the first of them. The table is data to check, not legal advice.
//
// # The directory
//
// It has one owner: a second Open, in this process or another one, fails with [ErrInUse]. Put it on
// a local disk. The files are named 00000001.log and so on; their mode is 0600 and that of the
// directory 0700, because they hold full telephone numbers: the targets need them. They are text,
// one JSON object a line. Errors and logs hold no number.
//
// A file that ends in the middle of a write, as after a power cut, is cut there: what was not whole
// on disk was never acknowledged. Any other damage makes Open fail with a [*DamageError] that names
// the file and the place, and changes nothing.
//
// An opt-out takes about 250 bytes and its Evidence, and each delivery about 100 bytes, shared by
// the up to 500 changes of one call. A duplicate takes nothing. Nothing is removed: records of
// opt-outs must be kept for five years (16 CFR 310.5), and a number that is opted out stays so. So
// the directory grows by about 300 MB for a million opt-outs, and the process by about 150 bytes for
// each.
package optout
