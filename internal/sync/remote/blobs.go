package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// UploadOffset asks how much of a file this user has uploaded.
func (c *Client) UploadOffset(ctx context.Context, sha sei.SHA256) (offset int64, done bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.CallTimeout)
	defer cancel()
	path, err := uploadPath(sha)
	if err != nil {
		return 0, false, err
	}
	response, err := c.send(ctx, request{method: http.MethodHead, path: path})
	if sei.CodeOf(err) == sei.CodeNotFound { // nothing of it is there yet
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer response.Body.Close()
	return uploadState(response)
}

// UploadChunk appends bytes to an upload. [sei.CodeConflict] says that the
// central holds another offset.
func (c *Client) UploadChunk(ctx context.Context, sha sei.SHA256, offset, n, total int64, chunk io.Reader) (done bool, err error) {
	path, err := uploadPath(sha)
	if err != nil {
		return false, err
	}
	ctx, stall := newStall(ctx, c.options.StallTimeout)
	defer stall.stop()
	q := request{
		method: http.MethodPatch, path: path, stream: stall.watch(io.LimitReader(chunk, n)), length: n,
		header: map[string]string{"Upload-Offset": strconv.FormatInt(offset, 10), "Upload-Length": strconv.FormatInt(total, 10)},
	}
	if n == 0 {
		q.stream = http.NoBody
	}
	response, err := c.send(ctx, q)
	if err != nil {
		return false, stall.explain(err)
	}
	defer response.Body.Close()
	now, done, err := uploadState(response)
	if err == nil && !done && now != offset+n {
		return false, sei.Errorf(sei.CodeConflict, "A central recebeu só uma parte do arquivo; o envio continua de onde parou.")
	}
	return done, err
}

func uploadPath(sha sei.SHA256) (string, error) {
	if !sha.Valid() {
		return "", sei.Errorf(sei.CodeInvalid, "O arquivo a enviar não tem uma identificação válida.")
	}
	return "/v1/blobs/" + string(sha), nil
}

func uploadState(response *http.Response) (offset int64, done bool, err error) {
	done = response.Header.Get("Upload-Complete") == "?1"
	offset, err = strconv.ParseInt(response.Header.Get("Upload-Offset"), 10, 64)
	if err == nil && offset < 0 {
		err = errors.New("it is negative")
	}
	if err != nil && !done {
		return 0, false, unexpected(fmt.Errorf("reading Upload-Offset: %w", err))
	}
	return offset, done, nil
}

// maxResumes is how often one download takes up a broken line again.
const maxResumes = 5

// Download opens a document's file from offset on. A line that breaks within is
// taken up again where it broke. Errors: [sei.CodeNotFound], [sei.CodeForbidden].
func (c *Client) Download(ctx context.Context, unit sei.UnitID, doc sei.DocumentID, sha sei.SHA256, offset int64) (io.ReadCloser, error) {
	path := "/v1/documents/" + url.PathEscape(string(doc)) + "/blobs/" + url.PathEscape(string(sha))
	d := &download{client: c, ctx: ctx, request: request{method: http.MethodGet, path: path, unit: unit}, offset: offset}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

// ReadingCopy opens the PDF that the central makes for reading: content,
// signature sheet and seal. It is made anew each time and cannot be resumed.
func (c *Client) ReadingCopy(ctx context.Context, unit sei.UnitID, doc sei.DocumentID) (io.ReadCloser, error) {
	path := "/v1/documents/" + url.PathEscape(string(doc)) + "/reading-copy"
	d := &download{client: c, ctx: ctx, request: request{method: http.MethodGet, path: path, unit: unit}, resumes: maxResumes}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

// download reads a file and opens it again where the line broke.
type download struct {
	client  *Client
	ctx     context.Context
	request request
	offset  int64
	total   int64 // -1 when the central does not say
	resumes int
	body    io.ReadCloser
	stall   *stall
}

func (d *download) open() error {
	ctx, stall := newStall(d.ctx, d.client.options.StallTimeout)
	q := d.request
	q.header = map[string]string{"Accept-Encoding": "identity"}
	if d.offset > 0 {
		q.header["Range"] = "bytes=" + strconv.FormatInt(d.offset, 10) + "-"
	}
	response, err := d.client.send(ctx, q)
	if err == nil {
		err = d.accept(response)
	}
	if err != nil {
		stall.stop()
		return stall.explain(err)
	}
	d.stall, d.body = stall, response.Body
	return nil
}

// accept makes sure that the answer begins where it was asked to.
func (d *download) accept(response *http.Response) error {
	d.total = -1
	if response.ContentLength >= 0 {
		d.total = d.offset + response.ContentLength
	}
	if d.offset == 0 && response.StatusCode == http.StatusOK {
		return nil
	}
	want := "bytes " + strconv.FormatInt(d.offset, 10) + "-"
	if response.StatusCode == http.StatusPartialContent && strings.HasPrefix(response.Header.Get("Content-Range"), want) {
		return nil
	}
	if response.StatusCode == http.StatusOK { // the range was not honoured: skip to it
		d.total = response.ContentLength
		if _, err := io.CopyN(io.Discard, response.Body, d.offset); err == nil {
			return nil
		}
	}
	response.Body.Close()
	return unexpected(fmt.Errorf("asked for bytes from %d, got %s %q", d.offset, response.Status, response.Header.Get("Content-Range")))
}

// Read gives the next bytes. Its errors are those of the network.
func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.stall.touch()
		d.offset += int64(n)
		switch {
		case n > 0:
			return n, nil // an error comes again with the next call
		case err == nil:
			continue
		case errors.Is(err, io.EOF) && (d.total < 0 || d.offset >= d.total):
			return 0, io.EOF
		}
		err = d.stall.explain(unreachable(d.ctx, err))
		if d.resumes++; d.resumes > maxResumes || d.ctx.Err() != nil {
			return 0, err
		}
		d.Close()
		if err := d.open(); err != nil {
			return 0, err
		}
	}
}

// Close gives the connection back.
func (d *download) Close() error {
	err := d.body.Close()
	d.stall.stop()
	return err
}
