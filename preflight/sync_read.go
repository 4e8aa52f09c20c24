package preflight

import (
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// read reads both sides, and finds out what has to be written.
func (s *syncing) read(ctx context.Context) error {
	for _, id := range s.config.dncLists {
		if err := s.readDNCList(ctx, id); err != nil {
			return err
		}
	}
	for _, w := range s.config.wrapUps {
		if err := s.readWrapUps(ctx, w); err != nil {
			return err
		}
	}
	s.report.OptOuts = len(s.outs)
	if err := s.findNews(ctx); err != nil {
		return err
	}
	if s.config.to == "" {
		return nil
	}
	return s.compare(ctx)
}

// findNews asks which opt-outs are not on the list.
func (s *syncing) findNews(ctx context.Context) error {
	if s.config.list == nil {
		return nil
	}
	numbers := make([]dnc.Number, 0, len(s.outs))
	for _, o := range s.outs {
		numbers = append(numbers, o.Number)
	}
	if len(numbers) == 0 {
		return nil
	}
	at, err := s.notListed(ctx, numbers)
	for _, i := range at {
		s.news = append(s.news, s.outs[i])
	}
	return err
}

// optOut notes an opt-out, once for each number.
func (s *syncing) optOut(text string, o OptOut) {
	n, err := s.config.parse(text)
	if err != nil || n.IsZero() {
		s.report.Unreadable++
		return
	}
	if _, twice := s.found[n]; twice {
		return
	}
	s.found[n] = struct{}{}
	o.Number = n
	s.outs = append(s.outs, o)
}

var ownList = regexp.MustCompile(`^dnc [0-9a-fA-F]{8}-[0-9a-fA-F-]{27}$`)

func (s *syncing) readDNCList(ctx context.Context, id string) error {
	list, err := s.client.DNCList(ctx, id)
	if err != nil {
		return err
	}
	if ownList.MatchString(list.Name) {
		return invalid("the DNC list %q is the own list of a campaign: a plan has filled it, and its entries are not opt-outs",
			list.Name)
	}
	entries, err := settledEntries(ctx, s.client, id)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case !e.Expires.IsZero() && !e.Expires.After(time.Now()):
			s.report.Expired++
		case strings.ContainsRune(e.Number, '@'):
			s.report.EmailAddresses++
		default:
			s.optOut(e.Number, OptOut{Source: SourceDNCList, ListID: id, Expires: e.Expires})
		}
	}
	return nil
}

// settledEntries exports a DNC list until two exports in a row agree.
func settledEntries(ctx context.Context, client *genesys.CampaignClient, id string) ([]genesys.DNCEntry, error) {
	for range maxReads {
		var entries []genesys.DNCEntry
		first, err := sumOfEntries(ctx, client, id, &entries)
		if err != nil {
			return nil, err
		}
		again, err := sumOfEntries(ctx, client, id, nil)
		if err != nil {
			return nil, err
		}
		if first == again {
			return entries, nil
		}
	}
	return nil, fmt.Errorf("%w: the DNC list %s keeps changing: %d exports in a row differ; try again later",
		ErrChanged, id, 2*maxReads)
}

func sumOfEntries(
	ctx context.Context, client *genesys.CampaignClient, id string, into *[]genesys.DNCEntry,
) (contents, error) {
	var sum contents
	for e, err := range client.ExportDNCList(ctx, id) {
		if err != nil {
			return sum, err
		}
		sum.addDigest(sha256.Sum256([]byte(e.Number + "\x00" + e.Expires.UTC().Format(time.RFC3339))))
		if into != nil {
			*into = append(*into, e)
		}
	}
	return sum, nil
}

// readWrapUps exports a contact list until two exports in a row agree, and takes the numbers whose
// last call has one of the codes.
func (s *syncing) readWrapUps(ctx context.Context, w wrapUps) error {
	list, err := s.client.ContactList(ctx, w.contactListID)
	if err != nil {
		return err
	}
	for range maxReads {
		var outs []wrapUp
		first, err := s.wrapUpsOf(ctx, list, w.codes, &outs)
		if err != nil {
			return err
		}
		again, err := s.wrapUpsOf(ctx, list, w.codes, nil)
		if err != nil {
			return err
		}
		if first != again {
			continue
		}
		if first.contacts < list.Size {
			return fmt.Errorf("%w: the export is cut off: the counts of contacts differ, contact list %s: %d, export: %d",
				genesys.ErrUnexpectedReply, list.ID, list.Size, first.contacts)
		}
		for _, o := range outs {
			s.optOut(o.text, o.OptOut)
		}
		return nil
	}
	return fmt.Errorf("%w: the contact list %s keeps changing: %d exports in a row differ; try again later",
		ErrChanged, list.ID, 2*maxReads)
}

type wrapUp struct {
	text string // the number as it is spelled there
	OptOut
}

const wrapUpColumn = "CallRecordLastAgentWrapup-"

func (s *syncing) wrapUpsOf(
	ctx context.Context, list *genesys.ContactList, codes []string, into *[]wrapUp,
) (contents, error) {
	var sum contents
	var row []byte
	cells := make([]string, 0, 2*len(list.PhoneColumns))
	for contact, err := range s.client.ExportContacts(ctx, list.ID) {
		if err != nil {
			return sum, err
		}
		cells = cells[:0]
		for _, column := range list.PhoneColumns {
			code, ok := contact.System(wrapUpColumn + column)
			text, there := contact.Value(column)
			switch {
			case !ok || !there:
				return sum, fmt.Errorf("%w: the export of contact list %s lacks the column %q or %q",
					genesys.ErrUnexpectedReply, list.ID, column, wrapUpColumn+column)
			case code != "" && !wrapUpID.MatchString(code):
				return sum, fmt.Errorf("%w: the export of contact list %s names wrap-up codes by texts that are not ids: opt-outs cannot be told apart",
					genesys.ErrUnexpectedReply, list.ID)
			}
			cells = append(cells, text, code)
			if into != nil && slices.ContainsFunc(codes, func(c string) bool { return strings.EqualFold(c, code) }) {
				*into = append(*into, wrapUp{text, OptOut{
					Source: SourceWrapUp, ListID: list.ID, ContactID: contact.ID, Column: column, Code: code,
				}})
			}
		}
		row = sum.add(contact.ID, cells, row)
	}
	return sum, nil
}

// maxSend bounds the memory of one run: numbers that the platform's list lacks.
const maxSend = 1_000_000

// compare finds the numbers that the platform's list lacks, and the entries that are not ours.
// Numbers that come in by this run are ours.
func (s *syncing) compare(ctx context.Context) error {
	list, err := s.client.DNCList(ctx, s.config.to)
	if err != nil {
		return err
	}
	if ownList.MatchString(list.Name) {
		return invalid("the DNC list %q is the own list of a campaign: plans fill it; make another list for ToDNCList",
			list.Name)
	}
	entries, err := settledEntries(ctx, s.client, s.config.to)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(entries)) // whether the number is ours
	for _, e := range entries {
		if e.Expires.IsZero() { // one that expires has to be sent again
			there[plainNumber.Replace(e.Number)] = false
		}
	}
	need := func(n dnc.Number) error {
		text := n.E164()
		if there[text] {
			return nil
		}
		s.report.OwnNumbers++
		s.own = append(s.own, text)
		if _, ok := there[text]; !ok {
			s.send = append(s.send, text)
		}
		there[text] = true
		if len(s.send) > maxSend {
			return invalid("the DNC list lacks more than 1,000,000 numbers: send them with UploadDNCNumbers first")
		}
		return nil
	}
	for n, err := range s.config.ours {
		if err == nil && n.IsZero() {
			err = invalid("the numbers of ToDNCList have one that is not a number")
		}
		if err == nil {
			err = need(n)
		}
		if err != nil {
			return err
		}
	}
	if s.report.OwnNumbers == 0 {
		return fmt.Errorf("preflight: there are no numbers for ToDNCList: %w", &dnc.Error{Code: dnc.CodeListMissing})
	}
	for _, o := range s.news {
		if err := need(o.Number); err != nil {
			return err
		}
	}
	s.findNotOurs(entries, there)
	return nil
}

// plainNumber takes out of an entry what only makes it easier to read.
var plainNumber = strings.NewReplacer(" ", "", "(", "", ")", "", ".", "", "-", "", "/", "")

func (s *syncing) findNotOurs(entries []genesys.DNCEntry, ours map[string]bool) {
	for _, e := range entries {
		n, err := s.config.parse(e.Number)
		if err == nil && !n.IsZero() && !ours[n.E164()] {
			s.report.ForeignNumbers = append(s.report.ForeignNumbers, n)
		}
	}
}
