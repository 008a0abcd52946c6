package local

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// FuzzApplyPage: a row of whatever content, from a later release or a broken
// central, is kept or refused; what the servant reads goes on working.
func FuzzApplyPage(f *testing.F) {
	w := newWorld(f)
	for _, seed := range []struct{ bucket, key, body string }{
		{"unit/u-gab", "process/p", `{"process":"p","number":"26/1","open":true}`},
		{"unit/u-gab", "minute/d/r", `{"process":"p","id":"r","document":"d","seq":1,"head":true,"text":{"type":"doc"}}`},
		{"process/p", "state", `{"id":"p","units":null,"documents":{}}`},
		{"process/p", "document/d", `{"id":"d","process":"p","kind":"internal","file":{}}`},
		{"process/p", "event/1", `{"seq":1,"header":{"stream":"process/p"},"text":"x"}`},
		{"catalogue", "unit/u", `{"id":"u"}`}, {"user/ana", "unit/u-gab", `{"unit":"u-gab","profiles":["basico"]}`},
		{"unit/u-gab", "editing/d", `{"until":"x"}`}, {"news/1", "x/y", `[]`}, {"process/p", "state", `null`},
	} {
		f.Add(seed.bucket, seed.key, []byte(seed.body), int64(1))
	}
	version := int64(0)
	f.Fuzz(func(t *testing.T, bucket, key string, body []byte, step int64) {
		version++
		p := wire.Page{Bucket: wire.Bucket(bucket), Rows: []wire.Row{{Key: key, Version: version, Body: body}}, Cursor: version}
		_, err := w.ApplyPage(t.Context(), p)
		if err != nil && sei.CodeOf(err) == sei.CodeInternal {
			t.Fatalf("%s %s %q: %v", bucket, key, body, err)
		}
		kind, id := p.Bucket.Parts()
		if kind != kindProcess {
			return
		}
		if _, err := w.Events(t.Context(), sei.ProcessID(id)); err != nil && sei.CodeOf(err) == sei.CodeInternal {
			t.Fatalf("history after %s %q: %v", key, body, err)
		}
	})
}
