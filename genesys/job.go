package genesys

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// job has the platform change contacts that have the same patch, and waits until it is done. Where
// the reply is lost, nothing is repeated: the contacts show what became of it.
func (b *bulk) job(ctx context.Context, items []*marked) error {
	ids := make([]string, 0, len(items))
	for _, item := range items {
		ids = append(ids, item.id)
	}
	body := `{"contactIds":` + string(rawjson.Marshal(ids)) +
		`,"generateDownloadURI":false,"contact":{"contactListId":"` + b.listID + `","data":{}` + items[0].patch + `}}`
	var started bulkJob
	op := call{
		method: http.MethodPost, path: contactLists + "/" + b.listID + "/contacts/bulk/update",
		body: []byte(body), into: &started,
	}
	if err := b.c.do(ctx, op); err != nil {
		if e, ok := errors.AsType[*Error](err); ok && e.Uncertain && ctx.Err() == nil {
			return nil
		}
		return err
	}
	return b.c.waitJob(ctx, b.listID, started)
}

// bulkJob is a job that changes or removes contacts.
type bulkJob struct {
	ID            string `json:"id"`
	State         string `json:"state"`
	FailureReason struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"failureReason"`
}

var errJobFailed = errors.New("the job has failed")

// jobWait is how long a job is waited for, unless the context ends earlier.
const jobWait = 15 * time.Minute

func (c *CampaignClient) waitJob(ctx context.Context, listID string, job bulkJob) error {
	if !isUUID(job.ID) {
		return &Error{
			Method: http.MethodPost, Path: contactLists + "/" + listID + "/contacts/bulk",
			Status: http.StatusOK, Message: "the job has no id", Uncertain: true, Err: ErrUnexpectedReply,
		}
	}
	op := call{method: http.MethodGet, path: contactLists + "/" + listID + "/contacts/bulk/jobs/" + job.ID}
	deadline, unseen, unknown := time.Now().Add(jobWait), 0, 0
	for wait := firstPoll; ; wait = min(wait*2, lastPoll) {
		switch strings.ToLower(job.State) {
		case "complete":
			return nil
		case "failed":
			return &Error{
				Method: op.method, Path: op.path, Status: http.StatusOK, Code: clean(job.FailureReason.Code, 128),
				Message: clean(job.FailureReason.Message, 512), Err: errJobFailed, Uncertain: true,
			}
		case "inprogress":
		default: // one that the platform got later: it may be the last, or pass
			if unknown++; unknown > verifyTries {
				return nil // the contacts show what became of it
			}
		}
		if time.Now().After(deadline) {
			return &Error{
				Method: op.method, Path: op.path,
				Err: errors.New("the job was not done within 15 minutes"), Uncertain: true,
			}
		}
		if !pause(ctx, wait) {
			return ended(ctx,
				&Error{Method: op.method, Path: op.path, Err: errors.New("the job is not done"), Uncertain: true})
		}
		now := bulkJob{}
		op.into = &now
		err := c.do(ctx, op)
		if errors.Is(err, ErrNotFound) && unseen < verifyTries { // it is not seen yet: reads lag behind
			unseen++
			continue
		}
		if err != nil {
			return err
		}
		job = now
	}
}
