//go:build linux

package crash

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// badLine is a real proxy between desk and central that can be slow, cut
// connections after some bytes, or reset them.
type badLine struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

func newBadLine(t *testing.T, to string) *badLine {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, "line", "127.0.0.1:0", to)
	fatal(t, p.Start())
	t.Cleanup(p.Stop)
	return &badLine{t: t, proxy: p}
}

// poison adds a fault in one direction: "upstream" is from the desk.
func (l *badLine) poison(toxic, stream, attributes string) {
	l.t.Helper()
	_, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(
		`{"name": "` + toxic + stream + `", "type": "` + toxic + `", "stream": "` + stream + `", "toxicity": 1, "attributes": ` + attributes + `}`))
	fatal(l.t, err)
}

func (l *badLine) heal() { l.proxy.Toxics.ResetToxics(l.t.Context()) }

// A line that is slow, breaks in the middle of a push or an upload, or resets:
// everything ends with one verdict, and uploads go on where they broke.
func TestEverythingEndsWithOneVerdictOnABadLine(t *testing.T) {
	t.Parallel()
	seed := setting(t, "CRASH_SEED", uint64(time.Now().UnixNano())%1_000_000)
	t.Logf("seed %d", seed)
	w := newWorld(t, t.TempDir())
	line := newBadLine(t, w.listen)
	w.url = "http://" + line.proxy.Listen
	d := w.enter(t.TempDir(), ana)
	l := newLoad(d, rand.New(rand.NewPCG(seed, 9)), unitOfHelena)
	fatal(t, l.one())
	for _, bad := range []struct{ toxic, stream, attributes string }{
		{"latency", "downstream", `{"latency": 150, "jitter": 100}`},
		{"limit_data", "upstream", `{"bytes": 3000}`},   // in the middle of a push
		{"limit_data", "downstream", `{"bytes": 200}`},  // in the middle of its answer
		{"reset_peer", "upstream", `{"timeout": 20}`},   // reset
		{"reset_peer", "downstream", `{"timeout": 20}`}, // reset after the central heard it
		{"slicer", "upstream", `{"average_size": 200, "size_variation": 100, "delay": 200}`},
	} {
		line.poison(bad.toxic, bad.stream, bad.attributes)
		for range 8 {
			fatal(t, l.one())
		}
		pause(300 * time.Millisecond)
		line.heal()
	}
	// Every connection breaks before a large file is through: only one that goes on
	// where it broke can ever arrive.
	large := bytes.Repeat([]byte("Linha de um arquivo grande.\n"), 5<<20/28)
	line.poison("limit_data", "upstream", `{"bytes": 2500000}`)
	fatal(t, d.register(l.mine[0], "grande.txt", large))
	d.awaitEmpty()
	line.heal()
	w.settle()
	t.Logf("seed %d: %d acts acknowledged, %d receipts", seed, len(d.acks), len(w.receiptsOf(d)))
}

// serve answers on a free port until the test ends, whoever still listens.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	fatal(t, err)
	s := &http.Server{Handler: h, ReadHeaderTimeout: callLimit, ErrorLog: nil}
	go s.Serve(l) //nolint:errcheck // ends with the test
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// A network that delivers requests twice, also long after, and loses the answers
// of some: each act is done once.
func TestARequestDeliveredTwiceIsDoneOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	twice := newRepeater(t, w.url)
	w.url = "http://" + twice.host
	d := w.enter(t.TempDir(), ana)
	l := newLoad(d, rand.New(rand.NewPCG(3, 3)), unitOfHelena)
	for range 60 {
		fatal(t, l.one())
	}
	d.awaitEmpty()
	twice.late.Wait()
	for range 10 {
		fatal(t, l.one())
	}
	d.awaitEmpty()
	twice.late.Wait()
	w.settle()
	if twice.pushes.Load() < 4 {
		t.Fatalf("only %d pushes were delivered twice", twice.pushes.Load())
	}
	t.Logf("%d pushes delivered twice, %d other requests, %d answers lost", twice.pushes.Load(), twice.others.Load(), twice.lost.Load())
}

// repeater delivers every request that changes something twice: at once, or
// after the answer, and loses the answer of every third push.
type repeater struct {
	host                 string
	pushes, others, lost atomic.Int64
	late                 sync.WaitGroup
}

func newRepeater(t *testing.T, target string) *repeater {
	t.Helper()
	u, err := url.Parse(target)
	fatal(t, err)
	x := &repeater{}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.FlushInterval = -1
	client := &http.Client{Timeout: callLimit}
	again := func(r *http.Request, body []byte) {
		c, err := http.NewRequest(r.Method, target+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			return
		}
		c.Header = r.Header.Clone()
		if answer, err := client.Do(c); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body) // what it says is nobody's any more
			answer.Body.Close()
		}
	}
	x.host = serve(t, http.HandlerFunc(func(h http.ResponseWriter, r *http.Request) {
		push := r.URL.Path == "/v1/push"
		if r.Method == http.MethodGet || r.Method == http.MethodHead || r.URL.Path == "/v1/login" {
			proxy.ServeHTTP(h, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		n := x.others.Add(1)
		if push {
			n = x.pushes.Add(1)
		}
		copied := r.Clone(t.Context())
		switch {
		case n%2 == 0: // the copy arrives first
			again(copied, body)
		default: // the copy was held up on its way
			x.late.Go(func() { pause(200 * time.Millisecond); again(copied, body) })
		}
		if push && n%3 == 0 {
			again(copied, body)
			x.lost.Add(1)
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(h, r)
	}))
	return x
}
