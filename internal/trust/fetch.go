package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// HTTPFetcher is a Fetcher over HTTP.
type HTTPFetcher struct {
	Client  *http.Client  // http.DefaultClient's transport when nil
	Timeout time.Duration // of one question, with its answer; 10 s when zero
}

// Fetch implements Fetcher. At most three redirections are followed.
func (f HTTPFetcher) Fetch(ctx context.Context, url string, body []byte, contentType string, limit int64) ([]byte, error) {
	timeout := f.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	method, reader := http.MethodGet, io.Reader(nil)
	if body != nil {
		method, reader = http.MethodPost, bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", url, err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	client := &http.Client{CheckRedirect: fewRedirects}
	if f.Client != nil {
		client.Transport, client.Jar = f.Client.Transport, f.Client.Jar
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", url, err)
	}
	defer func() { _ = response.Body.Close() }() // only read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking %s: %s", url, response.Status)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", url, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("asking %s: the answer has more than %d bytes", url, limit)
	}
	return data, nil
}

func fewRedirects(request *http.Request, via []*http.Request) error {
	if len(via) > 3 || request.URL.Scheme != "http" && request.URL.Scheme != "https" {
		return errors.New("too many redirections")
	}
	return nil
}

// DirCache is a Cache in a folder of its own. Its files may be deleted at any
// time; one that is damaged is judged worthless when it is used.
type DirCache struct{ Dir string }

const (
	maxCacheFiles = 20_000
	cacheGrace    = 30 * 24 * time.Hour // how long ended data is still of use for the past
)

// Get implements Cache.
func (c DirCache) Get(key string) ([]byte, bool) {
	f, err := os.Open(filepath.Join(c.Dir, filepath.Base(key)))
	if err != nil {
		return nil, false
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, maxCRLBytes+1))
	return data, err == nil && len(data) <= maxCRLBytes
}

// Put implements Cache. The file's time is the end of its use.
func (c DirCache) Put(key string, data []byte, until time.Time) {
	if os.MkdirAll(c.Dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(c.Dir, ".new-*")
	if err != nil {
		return
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		if !until.IsZero() {
			_ = os.Chtimes(f.Name(), until, until) // a hint for Sweep, no more
		}
		err = os.Rename(f.Name(), filepath.Join(c.Dir, filepath.Base(key)))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // a cache may lose anything
	}
}

// Sweep removes what ended long before now, and everything when there is too much.
func (c DirCache) Sweep(now time.Time) {
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && (len(entries) > maxCacheFiles || info.ModTime().Add(cacheGrace).Before(now)) {
			_ = os.Remove(filepath.Join(c.Dir, e.Name())) // a cache may keep anything, too
		}
	}
}
