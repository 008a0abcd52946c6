package remote_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const secret = "the-token-of-the-session"

// central serves the given routes on loopback; every other request fails the test.
func central(t *testing.T, routes map[string]http.HandlerFunc) *remote.Client {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, handler := range routes {
		mux.HandleFunc(pattern, handler)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("unexpected %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusTeapot)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return client(t, server.URL, remote.Options{})
}

func client(t *testing.T, address string, o remote.Options) *remote.Client {
	t.Helper()
	c, err := remote.New(address, o)
	if err != nil {
		t.Fatal(err)
	}
	c.UseSession(secret)
	return c
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func problem(w http.ResponseWriter, status int, code sei.Code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(wire.Problem{Status: status, Code: code, Detail: detail})
}

func wantCode(t *testing.T, err error, want sei.Code) {
	t.Helper()
	if got := sei.CodeOf(err); got != want {
		t.Errorf("code %q, not %q: %v", got, want, err)
	}
	if err != nil && sei.MessageOf(err) == "" {
		t.Error("there are no words for the servant")
	}
}

func TestOnlyTLSOrLoopbackIsTaken(t *testing.T) {
	good := []string{"https://sei.rs.gov.br", "https://sei.rs.gov.br/central/", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9"}
	for _, address := range good {
		if _, err := remote.New(address, remote.Options{}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	bad := []string{"", "sei.rs.gov.br", "http://sei.rs.gov.br", "http://10.0.0.1", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
		"ftp://127.0.0.1", "https://user:pass@sei.rs.gov.br", "https://sei.rs.gov.br/?x=1", "file:///etc/passwd", "https://", "http://[::1"}
	for _, address := range bad {
		_, err := remote.New(address, remote.Options{})
		wantCode(t, err, remote.CodeAddress)
	}
}

func TestALoginIsUsedByWhatFollowsAndALogoutEndsIt(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{
		"POST /v1/login": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				t.Error("an old token went along with the login")
			}
			answer(w, wire.LoginResponse{Token: "new"})
		},
		"POST /v1/push": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer new" {
				t.Errorf("authorization %q", r.Header.Get("Authorization"))
			}
			var in wire.PushRequest
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Token != "t1" {
				t.Errorf("push %+v: %v", in, err)
			}
			answer(w, wire.PushResponse{Token: "t2"})
		},
		"POST /v1/logout": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	})
	ctx := context.Background()
	if _, err := c.Login(ctx, wire.LoginRequest{Login: "ana"}); err != nil {
		t.Fatal(err)
	}
	if out, err := c.Push(ctx, wire.PushRequest{Token: "t1"}); err != nil || out.Token != "t2" {
		t.Fatalf("%+v, %v", out, err)
	}
	if err := c.Logout(ctx); err != nil || c.HasSession() {
		t.Fatalf("after logout: %v, %v", err, c.HasSession())
	}
	_, err := c.Push(ctx, wire.PushRequest{})
	wantCode(t, err, sei.CodeUnauthenticated)
}

func TestTheTokenIsNeverPrinted(t *testing.T) {
	c := client(t, "http://127.0.0.1:1", remote.Options{})
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("client", "client", c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("client", "client", c)
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	_, failed := c.Info(context.Background())
	all := fmt.Sprintf("%v %+v %#v %s %s %s %v", c, c, c, c, log.String(), data, failed)
	if strings.Contains(all, secret) {
		t.Errorf("the token is in %s", all)
	}
}

func TestTheCentralsProblemsKeepTheirCodesAndWords(t *testing.T) {
	cases := []struct {
		status int
		code   sei.Code
		want   sei.Code
	}{
		{401, sei.CodeUnauthenticated, sei.CodeUnauthenticated},
		{401, remote.CodePasswordWrong, remote.CodePasswordWrong},
		{403, sei.CodeForbidden, sei.CodeForbidden},
		{404, sei.CodeNotFound, sei.CodeNotFound},
		{409, sync.CodeStaleDevice, sync.CodeStaleDevice},
		{413, sei.CodeTooLarge, sei.CodeTooLarge},
		{422, sei.CodeInvalid, sei.CodeInvalid},
		{429, sei.CodeTooMany, sei.CodeTooMany},
		{500, sei.CodeInternal, sei.CodeUnavailable},
		{503, sei.CodeUnavailable, sei.CodeUnavailable},
		{500, sei.CodeInvalid, sei.CodeUnavailable}, // a failing central rejects nothing
	}
	for _, x := range cases {
		c := central(t, map[string]http.HandlerFunc{"POST /v1/push": func(w http.ResponseWriter, _ *http.Request) {
			problem(w, x.status, x.code, "As palavras da central.")
		}})
		_, err := c.Push(context.Background(), wire.PushRequest{})
		wantCode(t, err, x.want)
		if x.status < 500 && x.want != sei.CodeUnauthenticated && sei.MessageOf(err) != "As palavras da central." {
			t.Errorf("%s: %q", x.code, sei.MessageOf(err))
		}
		if c.HasSession() != (x.want != sei.CodeUnauthenticated) {
			t.Errorf("%s: session %v", x.code, c.HasSession())
		}
	}
}

func TestThePageOfAProxyIsNoAnswerOfTheCentral(t *testing.T) {
	for _, status := range []int{200, 400, 401, 403, 404, 407, 413} {
		c := central(t, map[string]http.HandlerFunc{"POST /v1/push": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>Bem-vindo ao Wi-Fi</html>")
		}})
		_, err := c.Push(context.Background(), wire.PushRequest{})
		wantCode(t, err, sei.CodeUnavailable)
		if !c.HasSession() {
			t.Errorf("%d ended the session", status)
		}
	}
}

func TestNoConnectionSaysSo(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := client(t, server.URL, remote.Options{}).Info(context.Background())
	wantCode(t, err, sei.CodeUnavailable)
	if !strings.HasPrefix(sei.MessageOf(err), "Sem conexão com a central") {
		t.Error(sei.MessageOf(err))
	}
}

func TestASilentCentralIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	c := client(t, server.URL, remote.Options{CallTimeout: 50 * time.Millisecond, StallTimeout: 50 * time.Millisecond})
	_, err := c.Info(context.Background())
	wantCode(t, err, sei.CodeUnavailable)
	_, err = c.Download(context.Background(), "u", "d", "x", 0)
	wantCode(t, err, sei.CodeUnavailable)
}

func TestTheCallersWishToStopIsNoOutage(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := client(t, "http://127.0.0.1:1", remote.Options{}).Info(ctx)
	if sei.CodeOf(err) == sei.CodeUnavailable || err == nil {
		t.Errorf("%v", err)
	}
}

func TestThePauseThatTheCentralAsksForReachesTheEngine(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{"POST /v1/login": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "17")
		problem(w, 429, sei.CodeTooMany, "Aguarde.")
	}})
	_, err := c.Login(context.Background(), wire.LoginRequest{})
	wantCode(t, err, sei.CodeTooMany)
	if d, ok := errors.AsType[*sync.Delayed](err); !ok || d.After != 17*time.Second {
		t.Errorf("%v", err)
	}
}

func TestRedirectsToAnotherHostAreRefused(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s reached the other host with %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 307, 308} {
		c := central(t, map[string]http.HandlerFunc{"POST /v1/push": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/v1/push", status)
		}})
		_, err := c.Push(context.Background(), wire.PushRequest{})
		wantCode(t, err, sei.CodeUnavailable)
	}
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{"GET /v1/info": func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		for range 40 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
		t.Error("all of it was read")
	}})
	_, err := c.Info(context.Background())
	wantCode(t, err, sei.CodeUnavailable)
}

func TestPullsComeCompressed(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{"POST /v1/pull": func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" || r.Header.Get("X-Seirs-Unit") != "u1" {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_ = json.NewEncoder(z).Encode(wire.PullResponse{More: true})
		_ = z.Close()
	}})
	out, err := c.Pull(context.Background(), wire.PullRequest{Unit: "u1"})
	if err != nil || !out.More {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestSmallCallsSpeakTheirRoutes(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{
		"GET /v1/info":          func(w http.ResponseWriter, _ *http.Request) { answer(w, wire.CentralInfo{ID: "c1"}) },
		"POST /v1/device/epoch": func(w http.ResponseWriter, _ *http.Request) { answer(w, wire.EpochResponse{Epoch: 3}) },
		"POST /v1/leases": func(w http.ResponseWriter, _ *http.Request) {
			answer(w, wire.LeaseResponse{Leases: []wire.Lease{{From: 1, To: 2}}})
		},
		"POST /v1/password": func(w http.ResponseWriter, r *http.Request) {
			var in wire.ChangePassword
			if json.NewDecoder(r.Body).Decode(&in) != nil || in.Old != "old" || in.New != "new" {
				t.Errorf("%+v", in)
			}
			w.WriteHeader(http.StatusNoContent)
		},
		"POST /v1/sign/password-batch": func(w http.ResponseWriter, r *http.Request) {
			var in wire.PasswordBatch
			if json.NewDecoder(r.Body).Decode(&in) != nil || in.Password != "pw" {
				t.Error("no password came")
			}
			answer(w, wire.PasswordBatchResult{Results: []wire.PushResult{{Command: "c"}}})
		},
		"GET /v1/receipts/c/proof": func(w http.ResponseWriter, _ *http.Request) {
			answer(w, ledger.ReceiptProof{Receipt: ledger.Sealed{Key: "k"}})
		},
		"GET /v1/search": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("q") != "férias & licença" || r.Header.Get("X-Seirs-Unit") != "u1" {
				t.Errorf("%s %v", r.URL, r.Header)
			}
			answer(w, wire.SearchResponse{Hits: []wire.SearchHit{{Process: "p"}}})
		},
	})
	ctx := context.Background()
	if out, err := c.Info(ctx); err != nil || out.ID != "c1" {
		t.Error(out, err)
	}
	if out, err := c.NewEpoch(ctx); err != nil || out.Epoch != 3 {
		t.Error(out, err)
	}
	if out, err := c.Lease(ctx, wire.LeaseRequest{Want: 2}); err != nil || len(out.Leases) != 1 {
		t.Error(out, err)
	}
	if err := c.ChangePassword(ctx, "old", "new"); err != nil {
		t.Error(err)
	}
	if out, err := c.SignWithPassword(ctx, []ledger.Sealed{{Type: ledger.TypeCommand}}, "pw"); err != nil || len(out) != 1 || out[0].Command != "c" {
		t.Error(out, err)
	}
	if out, err := c.ReceiptProof(ctx, "c"); err != nil || out.Receipt.Key != "k" {
		t.Error(out, err)
	}
	if out, err := c.Search(ctx, "u1", "férias & licença"); err != nil || len(out.Hits) != 1 {
		t.Error(out, err)
	}
	_, err := c.Search(ctx, "u1", strings.Repeat("á", wire.MaxSearchText+1))
	wantCode(t, err, sei.CodeInvalid)
}

// blobs is the upload half of a central.
type blobs struct {
	mu   gosync.Mutex
	have []byte
	sha  string
	want int
}

func (b *blobs) head(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state(w)
	w.WriteHeader(http.StatusOK)
}

func (b *blobs) state(w http.ResponseWriter) {
	w.Header().Set("Upload-Offset", strconv.Itoa(len(b.have)))
	if h := sha256.Sum256(b.have); len(b.have) == b.want && hex.EncodeToString(h[:]) == b.sha {
		w.Header().Set("Upload-Complete", "?1")
	}
}

func (b *blobs) patch(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Header.Get("Upload-Offset") != strconv.Itoa(len(b.have)) {
		b.state(w)
		problem(w, http.StatusConflict, sei.CodeConflict, "Continue de outro ponto.")
		return
	}
	b.want, _ = strconv.Atoi(r.Header.Get("Upload-Length"))
	data, err := io.ReadAll(r.Body)
	if err != nil || int64(len(data)) != r.ContentLength {
		problem(w, http.StatusBadRequest, sei.CodeInvalid, "Incompleto.")
		return
	}
	b.have = append(b.have, data...)
	b.state(w)
	w.WriteHeader(http.StatusNoContent)
}

func TestAnUploadGoesOnFromWhereTheCentralHasIt(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 1000)
	h := sha256.Sum256(data)
	sha := hex.EncodeToString(h[:])
	b := &blobs{sha: sha, want: -1}
	c := central(t, map[string]http.HandlerFunc{"HEAD /v1/blobs/" + sha: b.head, "PATCH /v1/blobs/" + sha: b.patch})
	ctx := context.Background()
	const chunk, total = 4000, 10000
	if offset, done, err := c.UploadOffset(ctx, sei.SHA256(sha)); err != nil || done || offset != 0 {
		t.Fatal(offset, done, err)
	}
	if done, err := c.UploadChunk(ctx, sei.SHA256(sha), 0, chunk, total, bytes.NewReader(data)); err != nil || done {
		t.Fatal(done, err)
	}
	_, err := c.UploadChunk(ctx, sei.SHA256(sha), 0, chunk, total, bytes.NewReader(data))
	wantCode(t, err, sei.CodeConflict)
	for {
		offset, done, err := c.UploadOffset(ctx, sei.SHA256(sha))
		if err != nil {
			t.Fatal(err)
		}
		if done {
			break
		}
		n := min(chunk, total-offset)
		if _, err := c.UploadChunk(ctx, sei.SHA256(sha), offset, n, total, bytes.NewReader(data[offset:])); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(b.have, data) {
		t.Error("the central has other bytes")
	}
}

func TestAnUnknownUploadBeginsAtZeroAndARefusedSessionIsOne(t *testing.T) {
	sha := sei.SHA256(strings.Repeat("ab", 32))
	status := http.StatusNotFound
	c := central(t, map[string]http.HandlerFunc{"HEAD /v1/blobs/" + string(sha): func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }})
	if offset, done, err := c.UploadOffset(context.Background(), sha); err != nil || done || offset != 0 {
		t.Error(offset, done, err)
	}
	status = http.StatusOK // but without a word on the offset
	_, _, err := c.UploadOffset(context.Background(), sha)
	wantCode(t, err, sei.CodeUnavailable)
	status = http.StatusUnauthorized
	_, _, err = c.UploadOffset(context.Background(), sha)
	wantCode(t, err, sei.CodeUnauthenticated)
	_, _, err = c.UploadOffset(context.Background(), "../../etc/passwd")
	wantCode(t, err, sei.CodeInvalid)
}

func TestABrokenDownloadIsTakenUpWhereItBroke(t *testing.T) {
	data := bytes.Repeat([]byte("abcdefghij"), 100_000)
	var ranges []string
	c := central(t, map[string]http.HandlerFunc{"GET /v1/documents/d1/blobs/x": func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if r.Header.Get("X-Seirs-Unit") != "u1" {
			t.Error("the unit is missing")
		}
		if len(ranges) < 3 { // the line breaks after a part
			var from int
			_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
			w.Header().Set("Content-Length", strconv.Itoa(len(data)-from))
			if from > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = w.Write(data[from : from+300_000])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}})
	body, err := c.Download(context.Background(), "u1", "d1", "x", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	got, err := io.ReadAll(body)
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if len(ranges) != 3 || ranges[0] != "" || ranges[1] == "" || ranges[2] == "" {
		t.Errorf("ranges %q", ranges)
	}
}

func TestADownloadFromAnOffsetWorksWithAndWithoutRanges(t *testing.T) {
	data := []byte("0123456789")
	for _, honoured := range []bool{true, false} {
		c := central(t, map[string]http.HandlerFunc{"GET /v1/documents/d1/blobs/x": func(w http.ResponseWriter, r *http.Request) {
			if !honoured {
				r.Header.Del("Range")
			}
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		}})
		body, err := c.Download(context.Background(), "u1", "d1", "x", 4)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err != nil || string(got) != "456789" {
			t.Errorf("honoured %v: %q, %v", honoured, got, err)
		}
		body.Close()
	}
}

func TestAFileThatIsNotGivenSaysWhy(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{
		"GET /v1/documents/d1/blobs/x":      func(w http.ResponseWriter, _ *http.Request) { problem(w, 404, sei.CodeNotFound, "Não há.") },
		"GET /v1/documents/d1/reading-copy": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "%PDF-") },
	})
	_, err := c.Download(context.Background(), "u1", "d1", "x", 0)
	wantCode(t, err, sei.CodeNotFound)
	body, err := c.ReadingCopy(context.Background(), "u1", "d1")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(body); err != nil || string(data) != "%PDF-" {
		t.Errorf("%q, %v", data, err)
	}
	body.Close()
}

func TestAReadingCopyThatBreaksIsAnErrorAndNotAShortFile(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{"GET /v1/documents/d1/reading-copy": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "%PDF-")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}})
	body, err := c.ReadingCopy(context.Background(), "u1", "d1")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	_, err = io.ReadAll(body)
	wantCode(t, err, sei.CodeUnavailable)
}

func TestARequestToACentralThatIsNotThereCertainlyDidNotLeave(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := remote.New(address, remote.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.UseSession(secret)
	_, err = c.Push(context.Background(), wire.PushRequest{})
	wantCode(t, err, sei.CodeUnavailable)
	if _, unsent := errors.AsType[*sync.Unsent](err); !unsent {
		t.Errorf("%v", err)
	}
}

func TestARequestThatWasCutOffMayHaveArrived(t *testing.T) {
	c := central(t, map[string]http.HandlerFunc{"POST /v1/push": func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}})
	_, err := c.Push(context.Background(), wire.PushRequest{})
	wantCode(t, err, sei.CodeUnavailable)
	if _, unsent := errors.AsType[*sync.Unsent](err); unsent {
		t.Error("it is said not to have left")
	}
}
