package genesys

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// The bounds of a download: how many redirects lead to the file, and how often it is asked for
// anew, because the storage refuses its signed address or the file is cut off.
const (
	maxRedirects = 3
	maxReopened  = 4
)

// downloadPath is where the API offers files.
const downloadPath = "/api/v2/downloads/"

// download is the file of an export. When it is cut off it is opened again and read on from there.
type download struct {
	c      *CampaignClient
	ctx    context.Context //nolint:containedctx // The call's own, which ends with the file.
	path   string          // of the list
	from   exportOf
	body   io.ReadCloser
	read   int64
	sum    hash.Hash // of what was read: the file must be the same one
	opened int
}

func (c *CampaignClient) download(ctx context.Context, path string, from exportOf) (io.ReadCloser, error) {
	d := &download{c: c, ctx: ctx, path: path, from: from, sum: sha256.New()}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

// open opens the file, with a fresh address where the storage refuses the one before.
func (d *download) open() error {
	for {
		d.opened++
		body, err := d.c.open(d.ctx, d.path, d.from.URI)
		if err == nil {
			d.body = body
			return nil
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.anotherAddress() || d.opened >= maxReopened || !pause(d.ctx, firstPoll) {
			return err
		}
		now, _, nowErr := d.c.exportNow(d.ctx, d.path)
		if nowErr != nil || now.URI == "" || now.Timestamp.Before(d.from.Timestamp) {
			return err
		}
		d.from = now
	}
}

// anotherAddress reports whether the file may be had at a fresh address: its own has expired, or is
// too new for the API to know. What is down or throttles has been asked often enough.
func (e *Error) anotherAddress() bool {
	if !e.storage {
		return e.Status == http.StatusNotFound
	}
	return e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests
}

func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.read += int64(n)
		d.sum.Write(p[:n])
		if err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || d.ctx.Err() != nil {
			return n, err
		}
		if reopened := d.resume(); reopened != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// resume opens the file again and leaves out what was read. Another file is refused.
func (d *download) resume() error {
	_ = d.body.Close()
	if d.opened >= maxReopened {
		return errCutOff
	}
	if err := d.open(); err != nil {
		d.body = http.NoBody
		return err
	}
	again := sha256.New()
	if n, err := io.CopyN(again, d.body, d.read); err != nil || n != d.read ||
		string(again.Sum(nil)) != string(d.sum.Sum(nil)) {
		return errCutOff
	}
	return nil
}

func (d *download) Close() error { return d.body.Close() }

// open follows a download's URI to the file. The token goes to the host of the API alone: what it
// redirects to is signed.
func (c *CampaignClient) open(ctx context.Context, path, uri string) (io.ReadCloser, error) {
	op := call{method: http.MethodGet, path: path + "/export"}
	fail := func(text string) error {
		return &Error{Method: op.method, Path: op.path, Err: errors.Join(ErrUnexpectedReply, errors.New(text))}
	}
	api, err := url.Parse(c.api)
	if err != nil {
		return nil, fail("the API's URL cannot be read")
	}
	target, err := api.Parse(uri)
	for hop := 0; ; hop++ {
		if err != nil {
			return nil, fail("the download's address is not a URL")
		}
		target = atAPI(api, target)
		switch {
		case target.Host == "" || target.User != nil:
			return nil, fail("the download's address is not a URL")
		case target.Scheme != "https" && (target.Scheme != api.Scheme || target.Hostname() != api.Hostname()):
			return nil, fail("the download is not by https")
		case hop > maxRedirects:
			return nil, fail("the download is redirected too often")
		}
		// The API's host, port and scheme are compared whole: "api.example.evil" is another.
		ours := target.Scheme == api.Scheme && strings.EqualFold(target.Host, api.Host)
		resp, doErr := c.get(ctx, target, ours)
		if doErr != nil {
			return nil, c.failed(ctx, op, new(outcome), doErr)
		}
		if resp.StatusCode == http.StatusOK {
			if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media == "text/html" {
				_ = resp.Body.Close()
				return nil, fail("the reply is a page and not the file")
			}
			if packed := packedAs(resp); packed != "" {
				_ = resp.Body.Close()
				return nil, fail("the file cannot be read: " + packed)
			}
			return resp.Body, nil
		}
		if resp.StatusCode < 300 || resp.StatusCode > 399 {
			return nil, refusedFile(op, resp, ours && strings.HasPrefix(target.Path, "/api/"))
		}
		_ = resp.Body.Close()
		target, err = target.Parse(resp.Header.Get("Location"))
	}
}

// atAPI is the same path at the API's host for what the API itself offers: behind a gateway the
// platform names its own host, which is not the one that this client is to use.
func atAPI(api, target *url.URL) *url.URL {
	if !strings.HasPrefix(target.EscapedPath(), downloadPath) || strings.Contains(target.Path, "..") {
		return target
	}
	at := *target
	at.Scheme, at.Host, at.User = api.Scheme, api.Host, nil
	return &at
}

func (c *CampaignClient) get(ctx context.Context, target *url.URL, ours bool) (*http.Response, error) {
	client, route := c.signed, signedDownload
	if ours {
		client, route = c.downloads, downloadPath+"{id}"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return nil, errors.New("the download's address is not a URL")
	}
	req.Header.Set("User-Agent", userAgent)
	return c.fetch(client, req, route)
}

// refusedFile is the error of a download. What a storage refuses says nothing about this client's
// credentials and permissions.
func refusedFile(op call, resp *http.Response, byAPI bool) *Error {
	e := readError(op, resp)
	_ = resp.Body.Close()
	if !byAPI {
		e.storage, e.Code, e.MissingPermissions = true, "", nil
		e.Message = "the storage of exports does not give the file: its address may have expired, or a gateway may have changed it"
	}
	return e
}
