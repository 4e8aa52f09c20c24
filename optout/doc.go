// Package optout takes in opt-outs and never loses one. An opt-out is a person's request not to be
// called again. It is written to disk before it is acknowledged. From then on this process blocks
// the number, and delivers the opt-out to every system that must know it, however long that takes.
//
//	intake, err := optout.Open("/var/lib/dialer/optouts",
//		optout.WithTarget("redis", optout.ListTarget(redisWriter)),               // dnc.RedisWriter
//		optout.WithTarget("genesys", genesysoptout.ListTarget(client, dncListID)), // a DNC list of Genesys Cloud
//		optout.WithTarget("crm", optout.TargetFunc(tellTheCRM)))
//	defer intake.Close()
//
//	receipt, err := intake.Add(ctx, optout.Request{Number: n, Source: "web", SourceID: formID})
//	sales := dnc.Protect(dnc.Union(national, redisList, intake.Checker()))
//
// If Add returns an error, for example because the disk is full, the opt-out may not be on disk.
// Report the error to the sender, and call Add again.
//
// # What happens to an opt-out
//
//  1. This process blocks the number: see [Intake.Checker].
//  2. The opt-out is written to the outbox, a directory on disk, and synced. Opt-outs that arrive at
//     the same time share one sync.
//  3. Add returns the receipt. An event that arrives again is recognised by its Source and SourceID,
//     and gets the receipt of the first.
//  4. Each target gets the opt-out, in the order of intake, in deliveries of up to 500 changes. A
//     delivery that fails is tried again without end, after 1 s up to 5 min. No target waits for
//     another.
//  5. Each delivery is written to the outbox too. [Intake.History] shows all of it.
//
// After a crash [Open] reads the outbox, blocks the numbers in it, and delivers what was not
// delivered. If the crash lost the record of a delivery, the delivery is repeated, and the target
// must accept that. Lists do. A function of yours can recognise a repeated change by its ID.
//
// # Taking an opt-out back
//
// [Intake.Withdraw] ends the opt-outs of a number: the person agrees to be called again. It deletes
// nothing. It writes who withdrew the opt-outs and why, and delivers the withdrawal to the targets.
// A later opt-out blocks the number again. Use lists that hold only opt-outs: a withdrawal takes
// the number off each target's list, whoever put it there.
//
// # Replies by text message
//
// [Intake.Reply] reads the words of a reply. STOP and similar words in English and Spanish are
// opt-outs. A reply that is not clearly harmless is held: the number is blocked everywhere until a
// person has read the reply and calls [Intake.Resolve]. [Intake.Held] lists the replies that are
// held. START changes nothing here: it allows texts at the carrier, but no call.
//
// # Time limits of the law
//
// [Deadlines] is a table of legal time limits with their sources. [Intake.Overdue] returns the
// deliveries that have missed the earliest of them. Check the table before you rely on it; it is
// not legal advice.
//
// # The directory
//
// The directory must be on a local disk. Only one Intake can have it open: a second Open, in this
// or another process, fails with [ErrInUse]. The files are named 00000001.log and so on. They hold
// full telephone numbers, because the targets need them. So their mode is 0600, and that of the
// directory is 0700. A file has one JSON object a line. Errors and logs hold no number.
//
// After a power cut a file can end in an unfinished write. Open cuts it off, because what was not
// complete on disk was never acknowledged. After any other damage Open fails with a [*DamageError]
// that names the file and the place, and changes nothing. The file named acknowledged says how far
// the files were acknowledged, so Open also notices an end that was cut and a newest file that is
// gone, for example after a copy was restored that is older than the mark.
//
// An opt-out takes about 250 bytes on disk and the bytes of its Evidence. A delivery of up to 500
// changes takes about 100 bytes. A duplicate takes none. Nothing is removed: records of opt-outs
// must be kept for five years (16 CFR 310.5), and an opt-out does not end. So a million opt-outs
// take about 300 MB on disk, and about 150 MB of memory.
package optout
