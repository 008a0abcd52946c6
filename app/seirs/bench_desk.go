package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

const (
	startWait    = 2 * time.Minute // for one start
	maxPageBytes = 64 << 20        // of one file of the window
)

// timeDesk starts the workstation without a window and behaves as a window does.
func timeDesk(ctx context.Context, program, profile, central string) (_ startTimes, err error) {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	args := []string{"desk", "--profile", profile}
	if central != "" {
		args = append(args, "--central", central)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the desk: %w", err)
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the desk: %w", err)
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // killed: its end says nothing
	}()
	line, err := bufio.NewReaderSize(out, 4096).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "desk: ")
	if err != nil || !ok {
		return nil, fmt.Errorf("the desk said %q instead of its address: %w", line, errors.Join(err, ctx.Err()))
	}
	t := startTimes{momentAddress: time.Since(begun)}
	w, err := enter(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := w.loadPage(ctx); err != nil {
		return nil, err
	}
	t[momentPage] = time.Since(begun)
	if err := w.call(ctx, "Session/State"); err != nil {
		return nil, err
	}
	t[momentState] = time.Since(begun)
	return t, nil
}

// browser is a window over loopback.
type browser struct {
	client *http.Client
	origin string
}

// enter spends the ticket of the address.
func enter(ctx context.Context, address string) (*browser, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("reading the desk's address: %w", err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("making a cookie jar: %w", err)
	}
	b := &browser{client: &http.Client{Jar: jar}, origin: u.Scheme + "://" + u.Host}
	_, err = b.get(ctx, "/?"+u.RawQuery)
	return b, err
}

func (b *browser) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.origin+path, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	return b.do(req)
}

func (b *browser) do(req *http.Request) ([]byte, error) {
	answer, err := b.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the desk: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxPageBytes))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s answers %s", req.Method, req.URL.Path, answer.Status)
	}
	return data, err
}

// pageFile matches what index.html loads before it can show anything.
var pageFile = regexp.MustCompile(`(?:src|href)="\.?(/assets/[^"]+\.(?:js|css))"`)

// loadPage reads index.html and the scripts and styles that it names.
func (b *browser) loadPage(ctx context.Context) error {
	page, err := b.get(ctx, "/")
	if err != nil {
		return err
	}
	files := pageFile.FindAllSubmatch(page, -1)
	if len(files) == 0 {
		return errors.New("index.html names no script: the frontend is not built")
	}
	for _, f := range files {
		if _, err := b.get(ctx, string(f[1])); err != nil {
			return err
		}
	}
	return nil
}

func (b *browser) call(ctx context.Context, method string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.origin+"/api/"+method, bytes.NewReader([]byte("[]")))
	if err != nil {
		return fmt.Errorf("calling %s: %w", method, err)
	}
	req.Header.Set("Origin", b.origin)
	req.Header.Set("Content-Type", "application/json")
	_, err = b.do(req)
	return err
}
