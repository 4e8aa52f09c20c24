// Package evidence shows later what was decided and when. It records every decision of a
// [dnc.Checker] or a [dnc.Rule] before the caller gets it, in a log that nobody can change
// unnoticed.
//
//	signer, err := note.NewSigner(privateKey) // note.GenerateKey makes the pair of keys, once
//	log, err := evidence.Open("/var/lib/dialer/evidence",
//		evidence.Key{ID: "2026", Secret: secret}, // of at least 32 random bytes
//		evidence.Checkpoints{Signer: signer, Save: upload})
//	defer log.Close()
//	checker := evidence.Record(dnc.Protect(list), log, dnc.Call{Campaign: "spring"})
//
// The checker is asked as before. Give it the outermost place, so that what is recorded is what the
// dialer got. For a Rule there is [RecordRule].
//
// # What a record has
//
// The time, the verdict, every reason with its list, version and date, whether it was a fallback,
// the campaign and what else the Call has, and the version of this library. A number is in it as
// the first 16 bytes of its HMAC-SHA256, and the key by its id. Without the key nobody can tell
// which number it was: a plain hash would not hide it, because there are only ten billion numbers
// to try. With 16 bytes no two of all possible numbers share a value. With the key, [Reader.Find]
// finds a number's decisions. The person a Call names (Party) is kept in the same way. Keep the key
// apart from the log, and keep old keys: without its key a record is found no more.
//
// A batch is one record for each 4,096 decisions.
//
// # What cannot be recorded
//
// A decision that cannot be recorded, because the disk is full or broken, is not allowed: Allow
// becomes Unknown, store_unavailable, with the List "evidence". A Block stays one.
// [DangerouslyAllowUnrecorded] gives the decision all the same, and counts it.
//
// A caller whose context ends while its record is written gets Unknown. The log may have its
// decision nevertheless.
//
// # What is noticed
//
// The records are leaves of a Merkle tree (RFC 6962, golang.org/x/mod/sumdb/tlog). A checkpoint is
// the size and the root of that tree, signed. One is made each minute in which there was something
// to record, and handed to Checkpoints.Save. Save must put it where those who can change the log
// cannot: a bucket with object lock, another company, the mail of counsel. [Verify] reads the log
// and compares it with the saved checkpoints. It notices a flipped bit, records that were cut off,
// left out, swapped or written by a second process. A log that was rewritten as a whole, by
// somebody who has the signing key, differs from the saved checkpoints and from nothing else.
// What was recorded after the newest saved checkpoint is not protected yet: [Verification] says how
// much that is.
//
// # What is kept
//
// Each UTC day has a file. Nothing is deleted by itself. [Log.Remove] deletes a day when the
// retention is over, five years unless [WithRetention] says more, and records that it did.
// [Retentions] has the sources.
//
// # Layout
//
//	2026-11-26.log   the records of a day, in frames with checksums; one frame for each commit
//	tree             the hashes of the Merkle tree; rebuilt from the records where it was not yet written
//	acknowledged     up to where the newest file was acknowledged
//	checkpoints      every checkpoint that was made
//	lock             who has the log open; a second Open is refused
//	*.torn           what Open cut off: a write that the process did not survive, and that nobody was told of
//
// # Limits
//
// A record proves that the log had it when the next checkpoint was saved. It does not prove that
// every decision was recorded, nor that the machine's clock was right. One process writes a log;
// several dialers have a log each.
package evidence
