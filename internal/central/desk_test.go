package central_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Units and reference data of the demonstration that tests use.
const (
	spggGab  = sei.UnitID("demo-spgg-gab")
	sesGab   = sei.UnitID("demo-ses-gab")
	sefazGab = sei.UnitID("demo-sefaz-gab")

	publicType     = 100000103 // suggests Public
	restrictedType = 100000101
	subject        = 58
	personal       = 4  // legal basis: Informação Pessoal
	despacho       = 5  // not numbered
	oficio         = 11 // numbered by unit and year
	externalType   = 14 // Comunicado, external only
	informedType   = 68 // Edital, whose number the servant types
)

// testFiles composes the central's files as the program does.
type testFiles struct {
	blobs   blob.Store
	uploads *blob.Uploads
}

func (f testFiles) Open(ctx context.Context, sha sei.SHA256) (central.File, error) {
	return f.blobs.Open(ctx, string(sha))
}

func (f testFiles) Size(ctx context.Context, sha sei.SHA256) (int64, error) {
	ref, err := f.blobs.Stat(ctx, string(sha))
	return ref.Size, err
}

func (f testFiles) BeginUpload(ctx context.Context, id string, sha sei.SHA256, size int64) (int64, error) {
	return f.uploads.Begin(ctx, id, blob.Ref{SHA256: string(sha), Size: size})
}

func (f testFiles) UploadOffset(ctx context.Context, id string) (int64, error) {
	return f.uploads.Offset(ctx, id)
}

func (f testFiles) AppendUpload(ctx context.Context, id string, offset int64, r io.Reader) (int64, error) {
	return f.uploads.Append(ctx, id, offset, r)
}

func (f testFiles) FinishUpload(ctx context.Context, id string) error {
	_, err := f.uploads.Finish(ctx, id)
	return err
}

func (f testFiles) ExpireUploads(ctx context.Context, before time.Time) error {
	return f.uploads.Expire(ctx, before)
}

// clock is the time as the tests tell it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a demonstration central over real HTTP and a real database.
type world struct {
	t      testing.TB
	folder string
	clock  *clock
	server *httptest.Server
	svc    *central.Service
	stored central.Files
	change func(*central.Config)
}

func newWorld(t testing.TB, change ...func(*central.Config)) *world {
	t.Helper()
	w := &world{t: t, folder: freshFolder(t), clock: &clock{now: firstDay}}
	if len(change) > 0 {
		w.change = change[0]
	}
	w.start()
	t.Cleanup(w.stop)
	return w
}

// demonstration is a folder made once: loading the reference data takes longer
// than most tests.
var demonstration = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "seirs-central-")
	if err != nil {
		return "", err
	}
	s, err := central.Open(context.Background(), central.Config{
		Folder: folder, Files: testFiles{}, Demo: true, Passwords: cheap, Clock: func() time.Time { return firstDay },
	})
	if err != nil {
		return "", err
	}
	return folder, s.Close()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := demonstration(); err == nil {
		_ = os.RemoveAll(folder)
	}
	_ = os.RemoveAll(told.folder) // nothing, where no history was told
	os.Exit(code)
}

func freshFolder(t testing.TB) string {
	t.Helper()
	from, err := demonstration()
	must(t, err)
	to := t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(from)))
	must(t, os.Chmod(filepath.Join(to, "receipt-key.pem"), 0o600)) // CopyFS widens modes by the umask
	return to
}

var (
	cheap    = central.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}
	firstDay = time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)
)

func (w *world) start() {
	w.t.Helper()
	store, err := blob.NewFiles(filepath.Join(w.folder, "blobs"))
	must(w.t, err)
	uploads, err := blob.OpenUploads(filepath.Join(w.folder, "uploads"), store, blob.UploadLimits{})
	must(w.t, err)
	cfg := central.Config{
		Folder: w.folder, Files: testFiles{store, uploads}, Demo: true,
		Discard:   func(ctx context.Context, sha sei.SHA256) error { return store.Delete(ctx, string(sha)) },
		Clock:     w.clock.Now,
		Passwords: cheap, Inspector: onePage{},
	}
	if w.change != nil {
		w.change(&cfg)
	}
	w.stored = cfg.Files
	w.svc, err = central.Open(w.t.Context(), cfg)
	must(w.t, err)
	w.server = httptest.NewServer(w.svc.Handler())
	w.svc.SetPublicURL(w.server.URL)
}

// files are those of the running central.
func (w *world) files() central.Files { return w.stored }

// onePage takes the stand-ins of [pdfBytes] for what they say they are.
type onePage struct{}

func (onePage) Inspect(_ context.Context, in io.ReaderAt, size int64) (int, error) {
	data := make([]byte, size)
	if _, err := in.ReadAt(data, 0); err != nil && err != io.EOF {
		return 0, err
	}
	if !bytes.HasPrefix(data, []byte("%PDF-")) {
		return 0, sei.Errorf("pdf.not_a_pdf", "O arquivo não é um PDF.")
	}
	return 1, nil
}

func (w *world) stop() {
	if w.server == nil {
		return
	}
	w.server.CloseClientConnections()
	must(w.t, w.svc.Close())
	w.server.Close()
	w.server = nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// desk is a workstation with a session, speaking HTTP.
type desk struct {
	w      *world
	t      testing.TB
	key    ed25519.PrivateKey
	device sei.DeviceID
	unit   sei.UnitID
	login  wire.LoginResponse
	token  string // of the session
	push   string
	epoch  int64
	held   []wire.GiveBackItem // what was answered, as a desk keeps it
}

func newKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return key
}

func newID(w *world) string { return protocol.NewID(w.clock.Now(), rand.Reader) }

func (w *world) loginRequest(key ed25519.PrivateKey, device sei.DeviceID, agency, login, password string) wire.LoginRequest {
	return wire.LoginRequest{Agency: agency, Login: login, Password: password, Device: wire.DeviceEnrolment{
		ID: device, Public: key.Public().(ed25519.PublicKey), Name: "teste",
		Proof: ed25519.Sign(key, wire.EnrolmentProofMessage(w.svc.ID(), login, device)),
	}}
}

// desk logs somebody in on a new workstation.
func (w *world) desk(agency, login string, unit sei.UnitID) *desk {
	w.t.Helper()
	d := &desk{w: w, t: w.t, key: newKey(w.t), device: sei.DeviceID(newID(w)), unit: unit}
	d.signIn(agency, login)
	return d
}

func (d *desk) signIn(agency, login string) {
	d.t.Helper()
	req := d.w.loginRequest(d.key, d.device, agency, login, central.DemoPassword)
	must(d.t, d.call(http.MethodPost, "/v1/login", req, &d.login))
	d.token, d.epoch = d.login.Token, d.login.Epoch
	if d.login.PushToken != "" {
		d.push = d.login.PushToken
	}
}

// refusal is an error answer of the central.
type refusal struct {
	wire.Problem
	header http.Header
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Detail) }

func codeOf(err error) sei.Code {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.Code
	}
	return ""
}

// statusOf is the HTTP status of a refusal; 0 of anything else.
func statusOf(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.Status
	}
	return 0
}

func (d *desk) request(method, path string, body io.Reader, header map[string]string) *http.Response {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.w.server.URL+path, body)
	must(d.t, err)
	if d.token != "" {
		req.Header.Set("Authorization", "Bearer "+d.token)
	}
	req.Header.Set("X-Seirs-Unit", string(d.unit))
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	must(d.t, err)
	return resp
}

func (d *desk) call(method, path string, in, out any) error {
	d.t.Helper()
	var body io.Reader
	header := map[string]string{}
	if in != nil {
		data, err := json.Marshal(in)
		must(d.t, err)
		body, header["Content-Type"] = bytes.NewReader(data), "application/json"
	}
	resp := d.request(method, path, body, header)
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return readRefusal(resp)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

func readRefusal(resp *http.Response) error {
	r := &refusal{header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&r.Problem); err != nil {
		return fmt.Errorf("status %d without a problem: %w", resp.StatusCode, err)
	}
	return r
}

// command wraps and seals an act of this desk.
func (d *desk) command(process sei.ProcessID, body sei.CommandBody, after ...sei.CommandID) ledger.Sealed {
	d.t.Helper()
	c, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(newID(d.w)), Process: process, User: d.login.User.ID, Unit: d.unit, Device: d.device,
		Epoch: d.epoch, DependsOn: after, DeclaredAt: d.w.clock.Now(),
	}, body)
	must(d.t, err)
	return d.seal(c)
}

func (d *desk) seal(c wire.Command) ledger.Sealed {
	d.t.Helper()
	sealed, err := wire.SealCommand(d.key, c)
	must(d.t, err)
	return sealed
}

func idOf(s ledger.Sealed) sei.CommandID {
	c, err := wire.ReadCommand(s.Payload)
	if err != nil {
		panic(err)
	}
	return c.ID
}

func (d *desk) tryPush(commands ...ledger.Sealed) ([]wire.PushResult, error) {
	d.t.Helper()
	var resp wire.PushResponse
	err := d.call(http.MethodPost, "/v1/push", wire.PushRequest{Token: d.push, Commands: commands}, &resp)
	if err == nil {
		d.push = resp.Token
	}
	for i, r := range resp.Results {
		d.keep(commands[i], r)
	}
	return resp.Results, err
}

// keep holds an answer until a backup covers it.
func (d *desk) keep(sent ledger.Sealed, r wire.PushResult) {
	if r.Receipt != nil {
		d.held = append(d.held, wire.GiveBackItem{Command: &sent, Receipt: *r.Receipt, Records: r.Records})
	}
}

// receipts pushes and verifies the answers.
func (d *desk) receipts(commands ...ledger.Sealed) []ledger.Receipt {
	d.t.Helper()
	results, err := d.tryPush(commands...)
	must(d.t, err)
	if len(results) != len(commands) {
		d.t.Fatalf("%d answers to %d commands", len(results), len(commands))
	}
	receipts := make([]ledger.Receipt, len(results))
	for i, r := range results {
		receipts[i] = d.open(r, commands[i])
	}
	return receipts
}

func (d *desk) open(r wire.PushResult, sent ledger.Sealed) ledger.Receipt {
	d.t.Helper()
	if r.Receipt == nil {
		d.t.Fatalf("no receipt: waiting %+v, problem %+v", r.Waiting, r.Problem)
	}
	receipt, err := ledger.OpenReceipt(d.login.Central.ReceiptKeys[0].Public, *r.Receipt, string(idOf(sent)), sent.Hash())
	must(d.t, err)
	return receipt
}

// do pushes one act and expects it to be accepted.
func (d *desk) do(process sei.ProcessID, body sei.CommandBody) ledger.Receipt {
	d.t.Helper()
	r := d.receipts(d.command(process, body))[0]
	if !r.Accepted {
		d.t.Fatalf("%s refused: %s %s", body.Kind(), r.Code, r.Message)
	}
	return r
}

// refused pushes one act and expects the code of a refusal.
func (d *desk) refused(process sei.ProcessID, body sei.CommandBody, code sei.Code) {
	d.t.Helper()
	if r := d.receipts(d.command(process, body))[0]; r.Accepted || r.Code != string(code) {
		d.t.Fatalf("%s: accepted %v with code %q, want refused with %q", body.Kind(), r.Accepted, r.Code, code)
	}
}

func (d *desk) start(level sei.AccessLevel) sei.ProcessID {
	d.t.Helper()
	id := sei.ProcessID(newID(d.w))
	d.do(id, startBody(level))
	return id
}

func startBody(level sei.AccessLevel) sei.StartProcess {
	b := sei.StartProcess{Type: publicType, Specification: "Aquisição de mobiliário", Subjects: []int{subject}, Level: level}
	if level == sei.Restricted {
		b.Type, b.LegalBasis = restrictedType, personal
	}
	return b
}

func minuteText(words string) json.RawMessage { return richtext.FromText(words).Canonical() }

func (d *desk) addMinute(process sei.ProcessID, words string) (sei.DocumentID, ledger.Receipt, sei.RevisionID) {
	d.t.Helper()
	doc := sei.DocumentID(newID(d.w))
	cmd := d.command(process, sei.AddDocument{NewDocument: sei.NewDocument{Document: doc, Type: despacho}, Text: minuteText(words)})
	r := d.receipts(cmd)[0]
	if !r.Accepted {
		d.t.Fatalf("minute refused: %s", r.Message)
	}
	return doc, r, sei.RevisionID(idOf(cmd))
}

func shaOf(data []byte) sei.SHA256 {
	sum := sha256.Sum256(data)
	return sei.SHA256(hex.EncodeToString(sum[:]))
}

func refOf(data []byte, name string) sei.BlobRef {
	return sei.BlobRef{SHA256: shaOf(data), Size: int64(len(data)), MIME: "application/pdf", Name: name}
}

func (d *desk) uploadPiece(sha sei.SHA256, offset, total int64, piece []byte) *http.Response {
	d.t.Helper()
	return d.request(http.MethodPatch, "/v1/blobs/"+string(sha), bytes.NewReader(piece), map[string]string{
		"Upload-Offset": strconv.FormatInt(offset, 10), "Upload-Length": strconv.FormatInt(total, 10), "Content-Type": "application/octet-stream",
	})
}

func (d *desk) upload(data []byte) {
	d.t.Helper()
	resp := d.uploadPiece(shaOf(data), 0, int64(len(data)), data)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Upload-Complete") != "?1" {
		d.t.Fatalf("upload: %d %v", resp.StatusCode, resp.Header)
	}
}

func pdfBytes(words string) []byte { return []byte("%PDF-1.7\n% " + words + "\n%%EOF\n") }

func (d *desk) addExternal(process sei.ProcessID, data []byte) sei.DocumentID {
	d.t.Helper()
	d.upload(data)
	doc := sei.DocumentID(newID(d.w))
	d.do(process, externalBody(doc, data))
	return doc
}

func externalBody(doc sei.DocumentID, data []byte) sei.RegisterExternal {
	return sei.RegisterExternal{
		NewDocument: sei.NewDocument{Document: doc, Type: externalType},
		File:        sei.ExternalFile{Date: "2026-03-01", Format: sei.BornDigital, Content: refOf(data, "anexo.pdf")},
	}
}

// freeze makes the frozen form of a minute whose PDF is pdf.
func (d *desk) freeze(rev sei.RevisionID, words string, pdf []byte) *sei.Frozen {
	d.t.Helper()
	salt, err := protocol.NewSalt(rand.Reader)
	must(d.t, err)
	token, err := protocol.NewQRToken(rand.Reader)
	must(d.t, err)
	hash := richtext.FromText(words).Hash()
	return &sei.Frozen{
		Revision: rev, RevisionHash: sei.SHA256(hex.EncodeToString(hash[:])), Content: refOf(pdf, "documento.pdf"),
		Salt: salt, CRC: protocol.CRC(hash, salt), QRToken: token, Typesetter: "teste", Pages: 1,
	}
}

func signBody(doc sei.DocumentID, frozen *sei.Frozen) sei.SignDocument {
	return sei.SignDocument{
		Document: doc, Method: sei.ByPassword, SigningAgency: "spgg", Position: "Chefe de Gabinete",
		ContentSHA256: frozen.Content.SHA256, Frozen: frozen,
	}
}

func (d *desk) signWithPassword(process sei.ProcessID, body sei.SignDocument, password string) (ledger.Receipt, error) {
	d.t.Helper()
	cmd := d.command(process, body)
	var out wire.PushResult
	if err := d.call(http.MethodPost, "/v1/sign/password", wire.PasswordSignature{Command: cmd, Password: password}, &out); err != nil {
		return ledger.Receipt{}, err
	}
	d.keep(cmd, out)
	return d.open(out, cmd), nil
}

// signBatch hands several signatures in with one password.
func (d *desk) signBatch(password string, commands ...ledger.Sealed) ([]wire.PushResult, error) {
	d.t.Helper()
	var out wire.PasswordBatchResult
	err := d.call(http.MethodPost, "/v1/sign/password-batch", wire.PasswordBatch{Commands: commands, Password: password}, &out)
	return out.Results, err
}

// signedDocument makes a minute and signs it by password.
func (d *desk) signedDocument(process sei.ProcessID, words string) (sei.DocumentID, *sei.Frozen, []byte) {
	d.t.Helper()
	doc, _, rev := d.addMinute(process, words)
	pdf := pdfBytes(words + string(doc))
	d.upload(pdf)
	frozen := d.freeze(rev, words, pdf)
	r, err := d.signWithPassword(process, signBody(doc, frozen), central.DemoPassword)
	must(d.t, err)
	if !r.Accepted {
		d.t.Fatalf("signature refused: %s %s", r.Code, r.Message)
	}
	return doc, frozen, pdf
}

// pull asks for one bucket until nothing more comes.
func (d *desk) pull(b wire.Bucket, after int64) wire.Page {
	d.t.Helper()
	all := wire.Page{Bucket: b, Cursor: after}
	for {
		var resp wire.PullResponse
		must(d.t, d.call(http.MethodPost, "/v1/pull", wire.PullRequest{Unit: d.unit, Buckets: []wire.Cursor{{Bucket: b, After: all.Cursor}}}, &resp))
		if len(resp.Pages) == 0 {
			return all
		}
		p := resp.Pages[0]
		all.Rows = append(all.Rows, p.Rows...)
		all.Cursor, all.Checksum = p.Cursor, p.Checksum
		all.Revoked, all.Reset = all.Revoked || p.Revoked, all.Reset || p.Reset
		if !p.More {
			return all
		}
	}
}

// checkSum recomputes a bucket's checksum from all its live rows.
func checkSum(t testing.TB, p wire.Page) {
	t.Helper()
	var sum ledger.Hash
	for _, r := range p.Rows {
		if !r.Gone {
			sum = wire.AddRow(sum, r.Key, r.Version)
		}
	}
	if p.Checksum == nil || *p.Checksum != sum {
		t.Errorf("checksum of %s is %v, its rows give %v", p.Bucket, p.Checksum, sum)
	}
}

func row(p wire.Page, key string) *wire.Row {
	for i := range p.Rows {
		if p.Rows[i].Key == key {
			return &p.Rows[i]
		}
	}
	return nil
}

func bodyAs[T any](t testing.TB, r *wire.Row) T {
	t.Helper()
	var v T
	if r == nil {
		t.Fatal("the row is missing")
	}
	must(t, json.Unmarshal(r.Body, &v))
	return v
}

func (d *desk) download(doc sei.DocumentID, sha sei.SHA256) (int, []byte) {
	d.t.Helper()
	resp := d.request(http.MethodGet, "/v1/documents/"+string(doc)+"/blobs/"+string(sha), nil, nil)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	must(d.t, err)
	return resp.StatusCode, data
}

func keysWith(p wire.Page, prefix string) []string {
	var keys []string
	for _, r := range p.Rows {
		if strings.HasPrefix(r.Key, prefix) {
			keys = append(keys, r.Key)
		}
	}
	return keys
}
