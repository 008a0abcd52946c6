package desktop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	indexBatch = 16 // documents asked for at a time
	// indexLook is when to look without having been told, for the change that
	// nobody spoke of.
	indexLook = 5 * time.Minute
	// maxPlainText bounds a text file's searchable part, bytes.
	maxPlainText = 1 << 20
)

// textStore is where the indexer finds files without searchable text and leaves
// it.
type textStore interface {
	Unindexed(ctx context.Context, limit int) ([]local.Unindexed, error)
	OpenBlob(ctx context.Context, sha sei.SHA256) (local.Blob, error)
	IndexText(ctx context.Context, doc sei.DocumentID, text string) error
}

// indexer makes received files searchable, one after the other, while the
// servant does something else.
type indexer struct {
	store textStore
	log   *slog.Logger
	// tried are files that were looked at in this session: what cannot be read
	// now is not read again until the next one.
	tried map[local.Unindexed]bool
}

// indexTexts works until ctx ends; a change in the store or in the engine's
// state wakes it.
func (a *account) indexTexts(ctx context.Context) {
	x := indexer{store: a.store, log: a.desk.log, tried: map[local.Unindexed]bool{}}
	woken, stop, ok := a.desk.changes.listen()
	if ok {
		defer stop()
	}
	tick := time.NewTicker(indexLook)
	defer tick.Stop()
	for {
		if err := x.run(ctx); err != nil && ctx.Err() == nil {
			a.desk.log.Warn("making texts searchable", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-tick.C:
		}
	}
}

// run takes up every file that was not tried yet.
func (x *indexer) run(ctx context.Context) error {
	for ctx.Err() == nil {
		// Files that failed stay in the list; behind them others may wait.
		waiting, err := x.store.Unindexed(ctx, indexBatch+len(x.tried))
		if err != nil {
			return err
		}
		worked := false
		for _, u := range waiting {
			if x.tried[u] || ctx.Err() != nil {
				continue
			}
			worked = true
			if err := x.take(ctx, u); err != nil && ctx.Err() == nil {
				x.tried[u] = true
				x.log.Warn("making a text searchable", "document", u.Document, "error", err)
			}
		}
		if !worked {
			return nil
		}
	}
	return ctx.Err()
}

// take makes one file searchable. One that has no text for anybody (an image, a
// locked or damaged PDF) is remembered in the store as looked at; only a failure
// of this computer is an error.
func (x *indexer) take(ctx context.Context, u local.Unindexed) error {
	in, err := x.store.OpenBlob(ctx, u.Blob.SHA256)
	if err != nil {
		return fmt.Errorf("opening a file: %w", err)
	}
	defer closeQuietly(in, x.log, "a file")
	text, err := fileText(in, in.Size(), u.Blob)
	if err != nil {
		if sei.CodeOf(err) == sei.CodeInternal {
			return err
		}
		x.log.Info("a file has no text to search", "document", u.Document, "reason", sei.CodeOf(err))
		text = ""
	}
	if err := x.store.IndexText(ctx, u.Document, text); err != nil {
		return err
	}
	// What the store does not take away from its list is not tried for ever.
	x.tried[u] = true
	return nil
}

// fileText finds the words of a file by what it is.
func fileText(in io.ReaderAt, size int64, ref sei.BlobRef) (string, error) {
	if strings.HasPrefix(ref.MIME, "text/") {
		return plainText(in, size)
	}
	return pdf.Text(in, size, pdf.TextLimits{})
}

// plainText reads a text file in UTF-8 or, as older systems write, Latin-1.
func plainText(in io.ReaderAt, size int64) (string, error) {
	data := make([]byte, min(size, maxPlainText))
	n, err := in.ReadAt(data, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading a text file: %w", err)
	}
	data = data[:n]
	if utf8.Valid(data) || int64(n) < size && utf8.Valid(data[:max(0, n-utf8.UTFMax)]) {
		return strings.ToValidUTF8(string(data), ""), nil
	}
	runes := make([]rune, n)
	for i, c := range data {
		runes[i] = rune(c)
	}
	return string(runes), nil
}
