package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	benchWait = 2 * time.Hour // for one measurement
	benchPoll = 20 * time.Millisecond
)

// benchDesk is a `seirs desk` of its own process, so that its memory is its own.
type benchDesk struct {
	cmd     *exec.Cmd
	window  *browser
	central string
	stopped bool
}

func startBenchDesk(ctx context.Context, profile, centralURL string) (*benchDesk, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, exe, "desk", "--profile", profile, "--central", centralURL)
	cmd.Stderr = os.Stderr
	// The keyring of whoever measures is left alone.
	cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS=unix:path="+profile+"-no-keyring")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the desk: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the desk: %w", err)
	}
	d := &benchDesk{cmd: cmd, central: centralURL}
	text, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(text), "desk: ")
	if err != nil || !ok {
		d.stop()
		return nil, fmt.Errorf("the desk said %q instead of its address: %w", text, err)
	}
	if err := d.enter(ctx, address); err != nil {
		d.stop()
		return nil, err
	}
	return d, nil
}

func (d *benchDesk) enter(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("reading the desk's address: %w", err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return fmt.Errorf("making a cookie jar: %w", err)
	}
	d.window = &browser{client: &http.Client{Jar: jar}, origin: u.Scheme + "://" + u.Host}
	_, err = d.window.get(ctx, "/?"+u.RawQuery)
	return err
}

func (d *benchDesk) stop() {
	if d.stopped {
		return
	}
	d.stopped = true
	_ = d.cmd.Process.Kill() // its folder is thrown away
	_ = d.cmd.Wait()         // killed: its end says nothing
}

func (d *benchDesk) call(ctx context.Context, method string, out any, args ...any) error {
	if args == nil {
		args = []any{}
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.window.origin+"/api/"+method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Origin", d.window.origin)
	req.Header.Set("Content-Type", "application/json")
	data, err := d.window.do(req)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(data, out)
}

// await asks until it is so.
func (d *benchDesk) await(ctx context.Context, what string, so func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, benchWait)
	defer cancel()
	tick := time.NewTicker(benchPoll)
	defer tick.Stop()
	for {
		if done, err := so(ctx); done || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		}
	}
}

// synced says whether a round of pulling has ended.
func (d *benchDesk) synced(ctx context.Context) (bool, error) {
	var s desktop.StatusView
	err := d.call(ctx, "Session/Status", &s)
	return !s.LastSync.IsZero(), err
}

// peakMB is the most memory that the desk has had; 0 where the system does not say.
func (d *benchDesk) peakMB() float64 { return peakMemoryMB(d.cmd.Process.Pid) }

// peakMemoryMB is the most memory that the process has had, in MiB; 0 where
// the system does not say.
func peakMemoryMB(pid int) float64 {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for text := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(text, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			if err == nil {
				return kib / 1024
			}
		}
	}
	return 0
}

// firstSync measures the first round of a new desk, and the plain download of
// the very bytes that it read.
func (r *syncReport) firstSync(ctx context.Context, c *benchCentral, d *benchDesk, folder string) (err error) {
	keep, err := createFile(filepath.Join(folder, "answers.json.gz"))
	if err != nil {
		return fmt.Errorf("keeping the answers: %w", err)
	}
	c.keepIn(keep)
	begun := time.Now()
	err = d.call(ctx, "Session/Login", nil, desktop.LoginForm{Central: d.central, Agency: "SES", Login: benchTo, Password: central.DemoPassword})
	if err != nil {
		return err
	}
	if err := d.await(ctx, "the first sync ends", d.synced); err != nil {
		return err
	}
	r.FirstSyncS = time.Since(begun).Seconds()
	r.DeskPeakMB = d.peakMB()
	c.keepIn(nil)
	if err := keep.Close(); err != nil {
		return err
	}
	if r.Rows, r.JSONBytes, err = unpack(folder); err != nil {
		return err
	}
	if want := r.Processes + r.Documents; r.Rows < want {
		return fmt.Errorf("the first sync brought %d rows of at least %d", r.Rows, want)
	}
	if r.DownloadS, _, err = download(ctx, c.line, filepath.Join(folder, "answers.json")); err != nil {
		return err
	}
	if r.DownloadGzipS, r.CompressedBytes, err = download(ctx, c.line, filepath.Join(folder, "answers.json.gz")); err != nil {
		return err
	}
	r.RatioDownload, r.RatioCompressed = r.FirstSyncS/r.DownloadS, r.FirstSyncS/r.DownloadGzipS
	return nil
}

// unpack writes the answers as JSON, and their rows one a line for PouchDB.
func unpack(folder string) (rows int, size int64, err error) {
	in, err := os.Open(filepath.Join(folder, "answers.json.gz"))
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = in.Close() }() // only read
	z, err := gzip.NewReader(bufio.NewReader(in))
	if err != nil {
		return 0, 0, err
	}
	plain, err := createFile(filepath.Join(folder, "answers.json"))
	if err != nil {
		return 0, 0, err
	}
	lines, err := createFile(filepath.Join(folder, "rows.ndjson"))
	if err != nil {
		return 0, 0, err
	}
	buffered := bufio.NewWriter(lines)
	answers := json.NewDecoder(io.TeeReader(z, plain))
	for {
		var answer wire.PullResponse
		err := answers.Decode(&answer)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, fmt.Errorf("reading the kept answers: %w", err)
		}
		for _, page := range answer.Pages {
			for _, row := range page.Rows {
				text, err := json.Marshal(map[string]any{"_id": string(page.Bucket) + "|" + row.Key, "body": row.Body})
				if err != nil {
					return 0, 0, err
				}
				rows++
				_, _ = buffered.Write(append(text, '\n')) // Flush says it
			}
		}
	}
	info, err := plain.Stat()
	if err != nil {
		return 0, 0, err
	}
	return rows, info.Size(), errors.Join(buffered.Flush(), lines.Close(), plain.Close())
}

// download fetches a file by plain HTTP over the line and writes it to the disk.
func download(ctx context.Context, l *line, path string) (seconds float64, size int64, err error) {
	c := &benchCentral{line: l}
	served := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
	if err := c.serve(served); err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, c.unplug()) }()
	out, err := createFile(path + ".copy")
	if err != nil {
		return 0, 0, err
	}
	begun := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url(), nil)
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	size, err = io.Copy(out, answer.Body)
	err = errors.Join(err, out.Sync(), out.Close())
	return time.Since(begun).Seconds(), size, err
}

// pullOne measures from the central's acceptance of an act of another unit until
// the desk's history shows it.
func (r *syncReport) pullOne(ctx context.Context, f *filler, d *benchDesk) error {
	// The filler's unit sent everything away: its note is made after reopening.
	for _, body := range []sei.CommandBody{sei.Reopen{}} {
		sealed, err := f.command(body)
		if err != nil {
			return err
		}
		if err := f.send(ctx, []ledger.Sealed{sealed}); err != nil {
			return err
		}
	}
	sealed, err := f.command(sei.NoteProgress{Text: "novidade entre todas"})
	if err != nil {
		return err
	}
	if err := f.send(ctx, []ledger.Sealed{sealed}); err != nil {
		return err
	}
	begun := time.Now()
	err = d.await(ctx, "the desk shows the act", func(ctx context.Context) (bool, error) {
		var history json.RawMessage
		err := d.call(ctx, "Processes/History", &history, string(f.last))
		return bytes.Contains(history, []byte("novidade entre todas")), err
	})
	r.PullOneMS = milliseconds(time.Since(begun))
	return err
}

// push measures how long a queue made without a connection takes, from the
// moment the central can be reached again.
func (r *syncReport) push(ctx context.Context, c *benchCentral, f *filler, d *benchDesk) error {
	if err := c.unplug(); err != nil {
		return err
	}
	for i := range r.Queued {
		if err := d.call(ctx, "Processes/NoteProgress", nil, string(f.last), fmt.Sprintf("andamento %d", i)); err != nil {
			return err
		}
	}
	if err := c.listen(c.addr); err != nil {
		return err
	}
	begun := time.Now()
	if err := d.call(ctx, "Session/SyncNow", nil); err != nil {
		return err
	}
	err := d.await(ctx, "the queue is empty", func(ctx context.Context) (bool, error) {
		var s desktop.StatusView
		err := d.call(ctx, "Session/Status", &s)
		return s.Queued == 0 && s.Sending == 0, err
	})
	r.PushS = time.Since(begun).Seconds()
	r.Push1000S = r.PushS * 1000 / float64(r.Queued)
	return err
}

// pouch lets PouchDB replicate the same rows, if it is installed.
func (r *syncReport) pouch(ctx context.Context, tools, rows, folder string) (err error) {
	if tools == "" {
		return nil
	}
	script := filepath.Join(tools, "pouch.mjs")
	if _, err := os.Stat(filepath.Join(tools, "node_modules", "pouchdb")); err != nil {
		r.Notes = append(r.Notes, "O PouchDB não foi medido: execute npm ci em "+tools+".")
		return nil
	}
	serve := exec.CommandContext(ctx, "node", script, "serve", filepath.Join(rows, "rows.ndjson"), filepath.Join(folder, "server")) //nolint:gosec // the folder that was named
	serve.Stderr = os.Stderr
	hold, err := serve.StdinPipe()
	if err != nil {
		return err
	}
	out, err := serve.StdoutPipe()
	if err != nil {
		return err
	}
	if err := serve.Start(); err != nil {
		r.Notes = append(r.Notes, "O PouchDB não foi medido: o programa node não foi encontrado.")
		return nil
	}
	defer func() {
		_ = hold.Close() // ends it
		_ = serve.Wait() // its end says nothing
	}()
	text, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(text), "pouch: ")
	if err != nil || !ok {
		return fmt.Errorf("pouchdb's server said %q: %w", text, err)
	}
	if r.PouchS, err = r.replicate(ctx, script, address, filepath.Join(folder, "desk")); err != nil {
		return err
	}
	if r.PouchTunedS, err = r.replicate(ctx, script, address, filepath.Join(folder, "tuned"), "1000"); err != nil {
		return err
	}
	r.RatioPouch, r.RatioPouchTuned = r.PouchS/r.FirstSyncS, r.PouchTunedS/r.FirstSyncS
	return nil
}

// replicate runs PouchDB's side once and gives its seconds.
func (r *syncReport) replicate(ctx context.Context, script, address, folder string, batch ...string) (float64, error) {
	args := append([]string{script, "replicate", address, folder}, batch...)
	replicate := exec.CommandContext(ctx, "node", args...) //nolint:gosec // the folder that was named
	replicate.Stderr = os.Stderr
	data, err := replicate.Output()
	if err != nil {
		return 0, fmt.Errorf("replicating with pouchdb: %w", err)
	}
	var result struct {
		Seconds   float64 `json:"seconds"`
		Documents int     `json:"documents"`
	}
	if err := json.Unmarshal(data, &result); err != nil {
		return 0, fmt.Errorf("reading what pouchdb measured: %w", err)
	}
	if result.Documents < r.Processes+r.Documents {
		return 0, fmt.Errorf("pouchdb replicated %d of %d rows", result.Documents, r.Rows)
	}
	return result.Seconds, nil
}
