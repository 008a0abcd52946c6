package central

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// cite notes the files that a process's documents cite.
func (in *inspector) cite(p *sei.Process) {
	for _, d := range p.DocumentsInOrder() {
		for _, ref := range d.Blobs() {
			in.citeFile(ref.SHA256, ref.Size, fmt.Sprintf("processo %s, documento %07d", p.Number, d.SEINumber))
		}
	}
}

func (in *inspector) citeFile(sha sei.SHA256, size int64, subject string) {
	if known, ok := in.cited[sha]; !ok || known.size < 0 {
		in.cited[sha] = citedFile{size, subject}
	}
}

// revisionFiles: images of minutes are no part of the ledger and must be there
// all the same.
func (in *inspector) revisionFiles() error {
	return in.r.each("SELECT document_id, sha256 FROM revision_blobs", nil, func(scan func(...any) error) error {
		var doc, sha string
		err := scan(&doc, &sha)
		in.citeFile(sei.SHA256(sha), -1, "minuta do documento "+doc)
		return err
	})
}

// uploads: a desk that was told that its file has arrived will not send it again.
func (in *inspector) uploads() error {
	return in.r.each("SELECT user_id, sha256, size FROM uploads", nil, func(scan func(...any) error) error {
		var user, sha string
		var size int64
		err := scan(&user, &sha, &size)
		in.citeFile(sei.SHA256(sha), size, "envio do usuário "+user)
		return err
	})
}

// files looks for every cited file and, unless told not to, reads it.
func (in *inspector) files(ctx context.Context) error {
	for _, sha := range slices.Sorted(maps.Keys(in.cited)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := in.cited[sha]
		subject := "arquivo " + string(sha) + " (" + c.subject + ")"
		size, err := in.cfg.Files.Size(ctx, sha)
		switch {
		case sei.CodeOf(err) == sei.CodeNotFound:
			in.out.find(CheckBlob, subject, "O arquivo não está na central.")
			continue
		case err != nil:
			in.out.find(CheckBlob, subject, "O arquivo não pode ser lido: %v.", err)
			continue
		case c.size >= 0 && size != c.size:
			in.out.find(CheckBlob, subject, "O arquivo tem %d bytes e deveria ter %d.", size, c.size)
			continue
		}
		in.out.Files++
		in.out.FileBytes += size
		if in.cfg.SkipContent {
			continue
		}
		if err := in.readFile(ctx, sha, subject); err != nil {
			return err
		}
	}
	return nil
}

func (in *inspector) readFile(ctx context.Context, sha sei.SHA256, subject string) error {
	f, err := in.cfg.Files.Open(ctx, sha)
	if err != nil {
		in.out.find(CheckBlob, subject, "O arquivo não pode ser aberto: %v.", err)
		return ctx.Err()
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	_, err = io.Copy(h, f)
	switch {
	case err != nil:
		in.out.find(CheckBlob, subject, "O arquivo não pode ser lido até o fim: %v.", err)
	case hex.EncodeToString(h.Sum(nil)) != string(sha):
		in.out.find(CheckBlob, subject, "O conteúdo do arquivo foi alterado.")
	}
	return ctx.Err()
}

// sumOfRows is the checksum of a bucket's live rows and the highest version
// among all of them.
func sumOfRows(r reader, bucket string) (sum ledger.Hash, highest int64, err error) {
	err = r.each("SELECT key, version, gone FROM bucket_rows WHERE bucket = ?", []any{bucket}, func(scan func(...any) error) error {
		var key string
		var version int64
		var gone bool
		if err := scan(&key, &version, &gone); err != nil {
			return err
		}
		highest = max(highest, version)
		if !gone {
			sum = wire.AddRow(sum, key, version)
		}
		return nil
	})
	return sum, highest, err
}
