// Package evidence keeps a log of decisions, so that you can show later what was decided and when.
// It records every decision of a [dnc.Checker] or a [dnc.Rule] before the caller gets it. A change
// of the log is noticed.
//
//	signer, err := note.NewSigner(privateKey) // note.GenerateKey makes the pair of keys, once
//	log, err := evidence.Open("/var/lib/dialer/evidence",
//		evidence.Key{ID: "2026", Secret: secret}, // of at least 32 random bytes
//		evidence.CheckpointConfig{Signer: signer, Save: upload})
//	defer log.Close()
//	checker := evidence.Record(dnc.Protect(list), log, dnc.Call{Campaign: "spring"})
//
// Ask this checker in the place of the old one. Put Record around everything else, so that it
// records what the dialer got. For a Rule use [RecordRule].
//
// # What a record has
//
// A record has the time, the verdict, every reason with its list, version and date, whether it was
// a fallback, the fields of the Call, and the version of this library. It does not have the number,
// but the first 16 bytes of its HMAC-SHA256, and the id of the key. Without the key nobody can tell
// which number it was. A plain hash would not hide it, because there are only ten billion numbers
// to try. 16 bytes are enough: two numbers practically never have the same value. With the key,
// [Reader.Find] finds a number's decisions. Call.Party is recorded in the same way. Keep the key
// apart from the log, and keep old keys: without its key a record cannot be found. Each secret needs
// an id of its own. Open and Find refuse another secret under an id that the log knows.
//
// A batch is one record for each 4,096 decisions.
//
// # What cannot be recorded
//
// If a decision cannot be recorded, because the disk is full or broken, Allow becomes Unknown,
// store_unavailable, with the List "evidence". A Block stays a Block. With
// [DangerouslyAllowUnrecorded] the caller gets Allow, and Status counts it.
//
// If a caller's context ends while the record is written, the caller gets Unknown, but the log may
// have the decision.
//
// # What is noticed
//
// The records are leaves of a Merkle tree (RFC 6962, golang.org/x/mod/sumdb/tlog). A checkpoint is
// the signed size and root of that tree. The log makes one in each minute with new records, and
// gives it to CheckpointConfig.Save. Save must store it where those who can change the log cannot
// change it: in a bucket with object lock, at another company, in the mail of counsel. [Verify]
// compares the log with the saved checkpoints. It notices a flipped bit, and records that were cut
// off, left out, swapped or written by a second process. Only the saved checkpoints show that
// somebody with the signing key rewrote the whole log. Records after the newest saved checkpoint
// are not protected yet: Verification.Unprotected counts them.
//
// # What is kept
//
// Each UTC day has a file. Files are deleted only by [Log.Remove], after the retention: five years,
// or more with [WithRetention]. Remove records that it deleted a day. [Retentions] has the sources.
//
// # Layout
//
//	2026-11-26.log   the records of a day, in frames with checksums; one frame for each commit
//	tree             the hashes of the Merkle tree; rebuilt from the records if it is behind them
//	acknowledged     up to which byte the newest file was acknowledged
//	checkpoints      every checkpoint that was made
//	keys             the id of each key, and 8 bytes that tell its secret from another one
//	lock             held while the log is open; a second Open is refused
//	*.torn           what Open cut off: a last write that a crash left unfinished
//
// # Limits
//
// A checkpoint proves that the records before it existed when it was saved. It does not prove that
// every decision was recorded, or that the machine's clock was right. Only one process can write a
// log. If there are several dialers, each needs a log of its own.
package evidence
