package remote_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestHintsAreHeardAndABrokenStreamIsOpenedAgain(t *testing.T) {
	opened := 0
	c := central(t, map[string]http.HandlerFunc{"GET /v1/hints": func(w http.ResponseWriter, r *http.Request) {
		opened++
		if r.URL.Query().Get("unit") != "u1" || r.Header.Get("Last-Event-ID") != "" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		if opened == 3 {
			problem(w, 401, sei.CodeUnauthenticated, "Terminou.")
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "retry: 5000\n\n: \n\nevent: pull\ndata: {\"buckets\":[\"unit/u1\"]}\n\nevent: other\ndata: {}\n\n")
		w.(http.Flusher).Flush()
	}})
	var heard []wire.Hint
	broken := 0
	err := c.Hints(context.Background(), "u1", func(h wire.Hint) { heard = append(heard, h) }, func() { broken++ })
	wantCode(t, err, sei.CodeUnauthenticated)
	// Each opening hints at everything, because hints may have been lost before it.
	if len(heard) != 4 || len(heard[0].Buckets) != 0 || len(heard[1].Buckets) != 1 || len(heard[2].Buckets) != 0 || heard[3].Buckets[0] != "unit/u1" {
		t.Errorf("heard %v", heard)
	}
	if broken != 2 {
		t.Errorf("%d broken streams were told of, want 2", broken)
	}
}

func TestHintsEndWithTheirContext(t *testing.T) {
	streaming := make(chan struct{})
	c := central(t, map[string]http.HandlerFunc{"GET /v1/hints": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		close(streaming)
		<-r.Context().Done()
	}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- c.Hints(ctx, "u1", func(wire.Hint) {}, func() {}) }()
	<-streaming
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestASilentStreamOfHintsIsOpenedAgain(t *testing.T) {
	opened := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		opened <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	c := client(t, server.URL, remote.Options{StallTimeout: 30 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- c.Hints(ctx, "u1", func(wire.Hint) {}, func() {}) }()
	<-opened
	<-opened
	cancel()
	<-ended
}
