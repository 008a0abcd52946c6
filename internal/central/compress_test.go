package central_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestALongPullComesCompressedToWhoTakesIt(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	ask := func(bucket wire.Bucket, encoding string) *http.Response {
		body, err := json.Marshal(wire.PullRequest{Unit: d.unit, Buckets: []wire.Cursor{{Bucket: bucket}}})
		must(t, err)
		return d.request(http.MethodPost, "/v1/pull", bytes.NewReader(body), map[string]string{"Accept-Encoding": encoding, "Content-Type": "application/json"})
	}
	read := func(r io.Reader) (out wire.PullResponse) {
		must(t, json.NewDecoder(r).Decode(&out))
		return out
	}
	plain := ask(wire.CatalogueBucket, "identity")
	defer plain.Body.Close()
	if plain.Header.Get("Content-Encoding") != "" || len(read(plain.Body).Pages[0].Rows) == 0 {
		t.Errorf("who takes no gzip got %v", plain.Header)
	}
	long := ask(wire.CatalogueBucket, "gzip")
	defer long.Body.Close()
	if long.Header.Get("Content-Encoding") != "gzip" || long.Header.Get("Content-Length") != "" {
		t.Fatalf("a long answer came with %v", long.Header)
	}
	z, err := gzip.NewReader(long.Body)
	must(t, err)
	if len(read(z).Pages[0].Rows) == 0 {
		t.Error("the compressed answer is empty")
	}
	short := ask(wire.ProcessBucket("none"), "gzip")
	defer short.Body.Close()
	if short.Header.Get("Content-Encoding") != "" || !read(short.Body).Pages[0].Revoked {
		t.Errorf("a short answer came with %v", short.Header)
	}
}
