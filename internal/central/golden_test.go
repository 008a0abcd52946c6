package central_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// When a release brings a new schema, `go test ./internal/central -run Golden
// -update` writes its central beside the earlier ones. One that is there is never
// written again.
var update = flag.Bool("update", false, "write the golden central of today's schema, if there is none")

// goldenSince is the first schema whose golden central holds makeHistory's; the
// one of the first schema has tests of its own.
const goldenSince = 6

func pack(t *testing.T, folder, archive string) {
	t.Helper()
	f, err := os.Create(archive)
	must(t, err)
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	must(t, err)
	w := tar.NewWriter(z)
	must(t, w.AddFS(os.DirFS(folder)))
	must(t, errors.Join(w.Close(), z.Close(), f.Close()))
}

// A central that is brought up to date has its whole history: it verifies from
// the first event under the key of then, and goes on.
func TestEveryGoldenCentralOpensWithItsWholeHistory(t *testing.T) {
	schemas, err := filepath.Glob(filepath.Join("migrations", "sqlite", "*.sql"))
	must(t, err)
	today := filepath.Join("testdata", fmt.Sprintf("schema-%05d.tar.gz", len(schemas)))
	if _, err := os.Stat(today); *update && errors.Is(err, fs.ErrNotExist) {
		pack(t, tellHistory(t).folder, today)
	}
	archives, err := filepath.Glob(filepath.Join("testdata", "schema-*.tar.gz"))
	must(t, err)
	opened := 0
	for _, archive := range archives {
		var schema int64
		if _, err := fmt.Sscanf(filepath.Base(archive), "schema-%d.tar.gz", &schema); err != nil || schema < goldenSince {
			continue
		}
		opened++
		t.Run(filepath.Base(archive), func(t *testing.T) { openGolden(t, archive, schema) })
	}
	if opened == 0 {
		t.Error("no golden central")
	}
}

func openGolden(t *testing.T, archive string, schema int64) {
	t.Helper()
	h := history{folder: unpack(t, archive)}
	var err error
	h.key, err = central.ReceiptPublicKey(h.folder)
	must(t, err)
	check := func(wantSchema int64) {
		t.Helper()
		out := h.inspect(t)
		if !out.Sound() || wantSchema != 0 && out.Schema != wantSchema || out.Processes != 2 || out.Documents != 5 || out.Events != 12 || out.Checkpoints < 2 || out.Files != 2 || out.Receipts != 12 {
			t.Errorf("%+v", out)
		}
	}
	check(schema) // as it is
	w := newWorld(t)
	w.stop()
	w.folder = h.folder
	w.start()
	w.stop()
	check(0) // as today's code has it
	w.start()
	d := w.desk("SPGG", "ana.schneider", spggGab)
	d.start(sei.Public)
	w.stop()
	if out := h.inspect(t); !out.Sound() || out.Events != 13 {
		t.Errorf("after one more process: %+v", out)
	}
}
