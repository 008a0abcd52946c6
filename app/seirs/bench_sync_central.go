package main

import (
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// benchCentral is a demonstration central behind a line of its own, which keeps
// what it answers to pulls.
type benchCentral struct {
	svc    *central.Service
	server *http.Server
	line   *line
	addr   string

	mu   sync.Mutex
	keep *os.File // the answers to pulls, one after the other; nil keeps nothing
}

func openBenchCentral(ctx context.Context, folder string, mbit int) (*benchCentral, error) {
	svc, err := openCentral(ctx, centralFlags{data: folder}, func(c *central.Config) { c.Demo = true })
	if err != nil {
		return nil, err
	}
	c := &benchCentral{svc: svc, line: &line{bytesPerSecond: int64(mbit) * 1e6 / 8}}
	if err := c.listen("127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, svc.Close())
	}
	return c, nil
}

func (c *benchCentral) url() string { return "http://" + c.addr }

func (c *benchCentral) listen(addr string) error {
	return c.serveAt(addr, c.kept(c.svc.Handler()))
}

// serve answers with something else over the same line.
func (c *benchCentral) serve(handler http.Handler) error { return c.serveAt("127.0.0.1:0", handler) }

func (c *benchCentral) serveAt(addr string, handler http.Handler) error {
	l, err := net.Listen("tcp", addr) //nolint:noctx // it listens at once
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	c.addr = l.Addr().String()
	c.server = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = c.server.Serve(lineListener{l, c.line}) }() // ends when unplugged
	return nil
}

// unplug ends all connections and takes no new ones.
func (c *benchCentral) unplug() error { return c.server.Close() }

func (c *benchCentral) close() error { return errors.Join(c.server.Close(), c.svc.Close()) }

// kept writes every answer to a pull, as it goes over the line, into c.keep.
func (c *benchCentral) kept(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		keep := c.keep
		c.mu.Unlock()
		if keep == nil || r.URL.Path != "/v1/pull" {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(&keptWriter{w, keep}, r)
	})
}

func (c *benchCentral) keepIn(f *os.File) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep = f
}

// keptWriter keeps whole gzip members: short answers, which go as they are, are
// compressed for the file, so that it is one gzip stream of all answers.
type keptWriter struct {
	http.ResponseWriter
	keep io.Writer
}

func (w *keptWriter) Write(p []byte) (int, error) {
	if w.Header().Get("Content-Encoding") == "gzip" {
		_, _ = w.keep.Write(p) // measured later; a full disk shows there
	} else {
		z := gzip.NewWriter(w.keep)
		_, _ = z.Write(p)
		_ = z.Close()
	}
	return w.ResponseWriter.Write(p)
}

func (w *keptWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// line lets so many bytes through in a second, whoever sends them.
type line struct {
	bytesPerSecond int64 // 0 is without limit
	mu             sync.Mutex
	free           time.Time // when the line is free again
}

func (l *line) pass(n int) {
	if l.bytesPerSecond == 0 {
		return
	}
	l.mu.Lock()
	// What a sleep took too long is made up for: the line is as wide as it says.
	if late := time.Now().Add(-lineSlack); l.free.Before(late) {
		l.free = late
	}
	l.free = l.free.Add(time.Duration(n) * time.Second / time.Duration(l.bytesPerSecond))
	wait := time.Until(l.free)
	l.mu.Unlock()
	time.Sleep(wait)
}

type lineListener struct {
	net.Listener
	line *line
}

func (l lineListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return lineConn{c, l.line}, nil
}

type lineConn struct {
	net.Conn
	line *line
}

const (
	linePiece = 16 << 10
	lineSlack = 50 * time.Millisecond
)

func (c lineConn) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		piece := p[:min(len(p), linePiece)]
		c.line.pass(len(piece))
		n, err := c.Conn.Write(piece)
		written += n
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

// filler is a servant of another unit whose acts fill the central.
type filler struct {
	client *remote.Client
	key    ed25519.PrivateKey
	login  wire.LoginResponse
	device sei.DeviceID
	unit   sei.UnitID
	push   string
	last   sei.ProcessID
}

// The units of the bench: one fills, the other has received everything.
const (
	benchFrom = "ana.schneider"
	benchTo   = "luis.antunes" // works in SES/DAHA alone
	benchUnit = sei.UnitID("demo-ses-daha")
)

func (c *benchCentral) fill(ctx context.Context, processes, documents int) (*filler, error) {
	client, err := remote.New(c.url(), remote.Options{})
	if err != nil {
		return nil, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	f := &filler{client: client, key: key, device: sei.DeviceID(benchID()), unit: "demo-spgg-gab"}
	f.login, err = client.Login(ctx, wire.LoginRequest{Agency: "SPGG", Login: benchFrom, Password: central.DemoPassword, Device: wire.DeviceEnrolment{
		ID: f.device, Public: key.Public().(ed25519.PublicKey), Name: "bench", Proof: ed25519.Sign(key, wire.EnrolmentProofMessage(c.svc.ID(), benchFrom, f.device)),
	}})
	if err != nil {
		return nil, err
	}
	f.push = f.login.PushToken
	var batch []ledger.Sealed
	given := 0
	for i := range processes {
		f.last = sei.ProcessID(benchID())
		acts := []sei.CommandBody{sei.StartProcess{
			Type: 100000103, Specification: fmt.Sprintf("Aquisição de material de expediente, lote %d", i), Subjects: []int{58}, Level: sei.Public,
			Interested: []sei.Contact{{Name: fmt.Sprintf("Interessada número %d", i)}},
		}}
		for range (i+1)*documents/processes - given {
			acts = append(acts, sei.AddDocument{NewDocument: sei.NewDocument{
				Document: sei.DocumentID(benchID()), Type: 5, TreeName: fmt.Sprintf("peça %d", given), Description: "Encaminhamento para análise da área técnica",
			}, Text: richtext.FromText("Encaminhe-se.").Canonical()})
			given++
		}
		acts = append(acts, sei.Send{To: []sei.UnitID{benchUnit}})
		for _, body := range acts {
			sealed, err := f.command(body)
			if err != nil {
				return nil, err
			}
			if batch = append(batch, sealed); len(batch) == wire.MaxPushCommands {
				if err := f.send(ctx, batch); err != nil {
					return nil, err
				}
				batch = batch[:0]
			}
		}
	}
	return f, f.send(ctx, batch)
}

func benchID() string { return protocol.NewID(time.Now(), rand.Reader) }

func (f *filler) command(body sei.CommandBody) (ledger.Sealed, error) {
	c, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(benchID()), Process: f.last, User: f.login.User.ID, Unit: f.unit, Device: f.device, Epoch: f.login.Epoch, DeclaredAt: time.Now(),
	}, body)
	if err != nil {
		return ledger.Sealed{}, err
	}
	return wire.SealCommand(f.key, c)
}

func (f *filler) send(ctx context.Context, batch []ledger.Sealed) error {
	if len(batch) == 0 {
		return nil
	}
	answer, err := f.client.Push(ctx, wire.PushRequest{Token: f.push, Commands: batch})
	if err != nil {
		return fmt.Errorf("filling the central: %w", err)
	}
	f.push = answer.Token
	if len(answer.Results) != len(batch) {
		return fmt.Errorf("filling the central: %d answers to %d commands", len(answer.Results), len(batch))
	}
	for i, sent := range batch {
		result := answer.Results[i]
		if result.Receipt == nil {
			return fmt.Errorf("filling the central: no receipt: %+v %+v", result.Problem, result.Waiting)
		}
		receipt, err := ledger.OpenReceipt(f.login.Central.ReceiptKeys[0].Public, *result.Receipt, string(result.Command), sent.Hash())
		if err != nil {
			return err
		}
		if !receipt.Accepted {
			return fmt.Errorf("filling the central: refused: %s %s", receipt.Code, receipt.Message)
		}
	}
	return nil
}

func createFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.Create(path)
}
