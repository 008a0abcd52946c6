package desktop

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Accounts and reference data of the demonstration that the tests use.
var (
	chief    = testAccount{"SPGG", "ana.schneider"}
	assessor = testAccount{"SPGG", "bruno.machado"} // of the same unit
)

type testAccount struct{ agency, login string }

const (
	typePublic   = 100000103
	subjectOfIt  = 58
	typeDispatch = 5
)

// waitLimit bounds every wait for something that is told by an event.
const waitLimit = 20 * time.Second

// world is a real central over HTTP and the workstations before it.
type world struct {
	t      *testing.T
	folder string
	svc    *central.Service
	server *httptest.Server
	wire   *cutWire
	change []func(*central.Config)
	// stopInner ends the central behind the wire.
	stopInner func()
}

// newWorld starts a demonstration central; the desks reach it through a wire
// that the test can cut.
func newWorld(t *testing.T, change ...func(*central.Config)) *world {
	t.Helper()
	w := &world{t: t, folder: demonstrationFolder(t), change: change, wire: &cutWire{}}
	stop := w.openCentral()
	w.server = httptest.NewServer(w.wire)
	w.svc.SetPublicURL(w.server.URL)
	t.Cleanup(func() {
		w.server.CloseClientConnections()
		w.stopCentral()
		w.server.Close()
	})
	w.stopInner = stop
	return w
}

// stopCentral ends the central; the wire then leads nowhere.
func (w *world) stopCentral() {
	if w.stopInner != nil {
		w.stopInner()
		w.stopInner = nil
	}
}

// openCentral opens the central of the world's folder behind the wire.
func (w *world) openCentral() (stop func()) {
	t := w.t
	t.Helper()
	store, err := blob.NewFiles(filepath.Join(w.folder, "blobs"))
	must(t, err)
	uploads, err := blob.OpenUploads(filepath.Join(w.folder, "uploads"), store, blob.UploadLimits{})
	must(t, err)
	judge, err := evidence.New("")
	must(t, err)
	cfg := central.Config{Folder: w.folder, Files: centralFiles{store, uploads}, Demo: true, Judge: judge, Inspector: evidence.Content{}, Passwords: cheapPasswords}
	for _, c := range w.change {
		c(&cfg)
	}
	w.svc, err = central.Open(t.Context(), cfg)
	must(t, err)
	inner := httptest.NewServer(w.svc.Handler())
	target, err := url.Parse(inner.URL)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	proxy.FlushInterval = -1
	w.wire.leadTo(proxy)
	svc := w.svc
	return func() {
		inner.CloseClientConnections()
		must(t, svc.Close())
		inner.Close()
	}
}

var cheapPasswords = central.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}

// demonstration is a folder made once: loading the reference data takes longer
// than most tests.
var demonstration = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "seirs-desktop-")
	if err != nil {
		return "", err
	}
	s, err := central.Open(context.Background(), central.Config{Folder: folder, Files: centralFiles{}, Demo: true, Passwords: cheapPasswords})
	if err != nil {
		return "", err
	}
	return folder, s.Close()
})

func TestMain(m *testing.M) {
	// A driver of a token runs in a process of its own, which is this program.
	if pkcs11.IsWorker(os.Args) {
		pkcs11.WorkerMain()
	}
	if profile := os.Getenv(saverProfile); profile != "" {
		saveUntilKilled(profile)
	}
	if profile := os.Getenv(batchProfile); profile != "" {
		signUntilKilled(profile)
	}
	code := m.Run()
	if folder, err := demonstration(); err == nil {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

func demonstrationFolder(t *testing.T) string {
	t.Helper()
	from, err := demonstration()
	must(t, err)
	to := t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(from)))
	must(t, os.Chmod(filepath.Join(to, "receipt-key.pem"), 0o600)) // CopyFS widens modes by the umask
	return to
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cutWire passes requests on, and loses the answers that the test says.
type cutWire struct {
	mu     sync.Mutex
	proxy  *httputil.ReverseProxy
	lose   string // path whose next answer is lost
	lost   int
	pushes int
}

func (c *cutWire) leadTo(proxy *httputil.ReverseProxy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proxy = proxy
}

func (c *cutWire) loseNext(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lose = path
}

func (c *cutWire) counts() (lost, pushes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost, c.pushes
}

func (c *cutWire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	lose := c.lose != "" && r.URL.Path == c.lose
	if lose {
		c.lose = ""
		c.lost++
	}
	if r.URL.Path == "/v1/push" {
		c.pushes++
	}
	proxy := c.proxy
	c.mu.Unlock()
	if lose {
		proxy.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	proxy.ServeHTTP(w, r)
}

// testDesk is a workstation with its bound areas.
type testDesk struct {
	*Desk
	t       *testing.T
	topics  <-chan []string
	session *Session
	process *Processes
	docs    *Documents
	outbox  *Outbox
}

func (w *world) desk(profile string) *testDesk {
	w.t.Helper()
	d, err := New(Options{Profile: profile, Central: w.server.URL, Version: "test"})
	must(w.t, err)
	x := &testDesk{Desk: d, t: w.t, session: &Session{d}, process: &Processes{d}, docs: &Documents{d}, outbox: &Outbox{d}}
	topics, stop, ok := d.changes.listen()
	if !ok {
		w.t.Fatal("the desk has no room for a listener")
	}
	x.topics = topics
	w.t.Cleanup(func() {
		stop()
		must(w.t, d.Close())
	})
	return x
}

// loggedIn is a new workstation with a session.
func (w *world) loggedIn(a testAccount) *testDesk {
	w.t.Helper()
	return w.login(w.t.TempDir(), a)
}

func (w *world) login(profile string, a testAccount) *testDesk {
	w.t.Helper()
	d := w.desk(profile)
	_, err := d.session.Login(w.form(a, central.DemoPassword))
	must(w.t, err)
	d.await("the first exchange is over", func() bool {
		s, err := d.session.Status()
		return err == nil && s.Phase == "connected"
	})
	return d
}

func (w *world) form(a testAccount, password string) LoginForm {
	return LoginForm{Central: w.server.URL, Agency: a.agency, Login: a.login, Password: password}
}

// await looks again whenever the desk says that something changed.
func (d *testDesk) await(what string, so func() bool) {
	d.t.Helper()
	late := time.NewTimer(waitLimit)
	defer late.Stop()
	for !so() {
		select {
		case <-d.topics:
		case <-late.C:
			s, err := d.session.Status()
			d.t.Fatalf("waited %s until %s; %+v %v", waitLimit, what, s, err)
		}
	}
}

func (d *testDesk) awaitSent() {
	d.t.Helper()
	d.await("the queue is empty", func() bool {
		list, err := d.outbox.List()
		return err == nil && len(list) == 0
	})
}

// start starts a process with one minute.
func (d *testDesk) start() (process, document string) {
	d.t.Helper()
	p, err := d.process.Start(StartForm{Type: typePublic, Specification: "Ensaio", Subjects: []int{subjectOfIt}})
	must(d.t, err)
	q, err := d.docs.AddInternal(DocumentForm{Process: p.Process, Type: typeDispatch})
	must(d.t, err)
	return p.Process, q.Doc
}

func (d *testDesk) edit(process, document string) EditorView {
	d.t.Helper()
	v, err := d.docs.Edit(process, document)
	must(d.t, err)
	return v
}

func (d *testDesk) save(process, document, base, text string) SaveResult {
	d.t.Helper()
	r, err := d.docs.Save(process, document, base, textOf(text), nil)
	must(d.t, err)
	return r
}

func (d *testDesk) view(process string) ProcessView {
	d.t.Helper()
	v, err := d.process.Get(process)
	must(d.t, err)
	return v
}

// textOf is a document of one paragraph.
func textOf(s string) string {
	return `{"type":"doc","attrs":{"schema":1},"content":[{"type":"paragraph","content":[{"type":"text","text":"` + s + `"}]}]}`
}

func wantCode(t *testing.T, err error, codes ...sei.Code) {
	t.Helper()
	if !slices.Contains(codes, sei.CodeOf(err)) || strings.TrimSpace(sei.MessageOf(err)) == "" {
		t.Fatalf("%v (code %q), want %q with a sentence", err, sei.CodeOf(err), codes)
	}
}

// centralFiles composes the central's files as the program does.
type centralFiles struct {
	blobs   blob.Store
	uploads *blob.Uploads
}

func (f centralFiles) Open(ctx context.Context, sha sei.SHA256) (central.File, error) {
	return f.blobs.Open(ctx, string(sha))
}

func (f centralFiles) Size(ctx context.Context, sha sei.SHA256) (int64, error) {
	ref, err := f.blobs.Stat(ctx, string(sha))
	return ref.Size, err
}

func (f centralFiles) BeginUpload(ctx context.Context, id string, sha sei.SHA256, size int64) (int64, error) {
	return f.uploads.Begin(ctx, id, blob.Ref{SHA256: string(sha), Size: size})
}

func (f centralFiles) UploadOffset(ctx context.Context, id string) (int64, error) {
	return f.uploads.Offset(ctx, id)
}

func (f centralFiles) AppendUpload(ctx context.Context, id string, offset int64, r io.Reader) (int64, error) {
	return f.uploads.Append(ctx, id, offset, r)
}

func (f centralFiles) FinishUpload(ctx context.Context, id string) error {
	_, err := f.uploads.Finish(ctx, id)
	return err
}

func (f centralFiles) ExpireUploads(ctx context.Context, before time.Time) error {
	return f.uploads.Expire(ctx, before)
}
