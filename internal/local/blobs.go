package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Blobs is the sealed store of files, addressed by the SHA-256 of the plain
// bytes. Writing is all or nothing and may be repeated.
type Blobs interface {
	// Put stores at most maxBytes (0: the store's own limit) and tells the address.
	Put(ctx context.Context, r io.Reader, maxBytes int64) (sha string, size int64, err error)
	// PutExpected stores exactly the announced content, or nothing and gives
	// [CodeMismatch].
	PutExpected(ctx context.Context, sha string, size int64, r io.Reader) error
	// Open gives sei.CodeNotFound when there is none.
	Open(ctx context.Context, sha string) (Blob, error)
	// Delete of what is not there succeeds.
	Delete(ctx context.Context, sha string) error
}

// Blob is an open local file.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// BlobDownload is a file that the desk wants for reading offline.
type BlobDownload struct {
	Unit     sei.UnitID
	Document sei.DocumentID
	Blob     sei.BlobRef
}

// PinDraft is the reason under which a file is kept until its command is queued.
const PinDraft = "rascunho"

// PinOpen begins the reasons under which a file is kept only while the account
// is open: chosen to be registered, or shown to the signer. Each use adds an id,
// so that two uses of the same bytes do not let go of each other.
const PinOpen = "aberto "

func (s *Store) blobStore() (Blobs, error) {
	k, err := s.unlocked()
	if err != nil {
		return nil, err
	}
	if k.blobs == nil {
		return nil, errors.New("the store was opened without files")
	}
	return k.blobs, nil
}

// PutBlob takes a local file in, streaming, and pins it for a reason (see
// [Store.Unpin]). Over maxBytes it is refused with sei.CodeTooLarge.
func (s *Store) PutBlob(ctx context.Context, r io.Reader, maxBytes int64, reason string) (sei.BlobRef, error) {
	blobs, err := s.blobStore()
	if err != nil {
		return sei.BlobRef{}, err
	}
	sha, size, err := blobs.Put(ctx, r, maxBytes)
	if err != nil {
		return sei.BlobRef{}, fmt.Errorf("storing a file: %w", err)
	}
	ref := sei.BlobRef{SHA256: sei.SHA256(sha), Size: size}
	return ref, s.write(ctx, "storing a file", func(tx *sql.Tx) error {
		if err := s.noteBlob(ctx, tx, ref); err != nil {
			return err
		}
		return pin(ctx, tx, ref.SHA256, reason)
	})
}

func (s *Store) noteBlob(ctx context.Context, tx *sql.Tx, ref sei.BlobRef) error {
	err := exec(ctx, tx, `INSERT INTO blobs (sha, size, since) VALUES (?, ?, ?) ON CONFLICT (sha) DO NOTHING`,
		string(ref.SHA256), ref.Size, stamp(s.opts.Now()))
	if err != nil {
		return err
	}
	return exec(ctx, tx, `DELETE FROM erasures WHERE sha = ?`, string(ref.SHA256))
}

// SaveBlob stores downloaded bytes and verifies that they are the cited ones;
// sei.CodeInvalid when they are not. Errors of r are returned wrapped.
func (s *Store) SaveBlob(ctx context.Context, ref sei.BlobRef, r io.Reader) error {
	blobs, err := s.blobStore()
	if err != nil {
		return err
	}
	err = blobs.PutExpected(ctx, string(ref.SHA256), ref.Size, r)
	if sei.CodeOf(err) == CodeMismatch {
		return sei.Wrap(err, sei.CodeInvalid, "O arquivo recebido não é o que o documento cita. Ele será pedido de novo.")
	}
	if err != nil {
		return fmt.Errorf("storing a download: %w", err)
	}
	var change Change
	err = s.write(ctx, "storing a download", func(tx *sql.Tx) error {
		if err := s.noteBlob(ctx, tx, ref); err != nil {
			return err
		}
		var err error
		change.Processes, err = column[sei.ProcessID](ctx, tx,
			`SELECT process FROM cited WHERE sha = ? UNION SELECT process FROM pictures WHERE sha = ?`, string(ref.SHA256), string(ref.SHA256))
		return err
	})
	if err == nil {
		s.opts.Changed(change)
	}
	return err
}

// OpenBlob opens a local file's plain bytes; sei.CodeNotFound when it is not
// here (it is asked for again then).
func (s *Store) OpenBlob(ctx context.Context, sha sei.SHA256) (Blob, error) {
	blobs, err := s.blobStore()
	if err != nil {
		return nil, err
	}
	b, err := blobs.Open(ctx, string(sha))
	if err == nil {
		return b, nil
	}
	if sei.CodeOf(err) == sei.CodeNotFound {
		forget := s.write(ctx, "forgetting a lost file", func(tx *sql.Tx) error {
			return exec(ctx, tx, `DELETE FROM blobs WHERE sha = ?`, string(sha))
		})
		err = errors.Join(err, forget)
	}
	return nil, fmt.Errorf("opening file %.64s: %w", sha, err)
}

// HasBlob says whether a file is here, by the store's own list.
func (s *Store) HasBlob(ctx context.Context, sha sei.SHA256) (bool, error) {
	return s.exists(ctx, `SELECT 1 FROM blobs WHERE sha = ?`, string(sha))
}

func (s *Store) exists(ctx context.Context, query string, args ...any) (bool, error) {
	var one int
	err := s.r.QueryRowContext(ctx, query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for a row: %w", err)
	}
	return true, nil
}

// Pin keeps a file for a reason beside the documents that cite it.
func (s *Store) Pin(ctx context.Context, sha sei.SHA256, reason string) error {
	return s.write(ctx, "pinning a file", func(tx *sql.Tx) error { return pin(ctx, tx, sha, reason) })
}

func pin(ctx context.Context, tx *sql.Tx, sha sei.SHA256, reason string) error {
	return exec(ctx, tx, `INSERT INTO pins (sha, reason) VALUES (?, ?) ON CONFLICT DO NOTHING`, string(sha), reason)
}

// Unpin takes a reason back; a file that nothing else needs is erased.
func (s *Store) Unpin(ctx context.Context, sha sei.SHA256, reason string) error {
	err := s.write(ctx, "unpinning a file", func(tx *sql.Tx) error {
		if err := exec(ctx, tx, `DELETE FROM pins WHERE sha = ? AND reason = ?`, string(sha), reason); err != nil {
			return err
		}
		return eraseIfUnlinked(ctx, tx, sha)
	})
	if err != nil {
		return err
	}
	return s.eraseUnlinked(ctx)
}

// UnpinAll takes back every reason that begins with prefix: those of an earlier
// run that ended before it could. [Store.Maintain] erases what nothing needs.
func (s *Store) UnpinAll(ctx context.Context, prefix string) error {
	return s.write(ctx, "unpinning files", func(tx *sql.Tx) error {
		files, err := column[sei.SHA256](ctx, tx, `SELECT DISTINCT sha FROM pins WHERE substr(reason, 1, length(?1)) = ?1`, prefix)
		if err != nil {
			return err
		}
		if err := exec(ctx, tx, `DELETE FROM pins WHERE substr(reason, 1, length(?1)) = ?1`, prefix); err != nil {
			return err
		}
		for _, sha := range files {
			if err := eraseIfUnlinked(ctx, tx, sha); err != nil {
				return err
			}
		}
		return nil
	})
}

// Uploaded says whether a file is known to be complete at the central.
func (s *Store) Uploaded(ctx context.Context, sha sei.SHA256) (bool, error) {
	return s.exists(ctx, `SELECT 1 FROM uploaded WHERE sha = ?`, string(sha))
}

// MarkUploaded remembers it.
func (s *Store) MarkUploaded(ctx context.Context, sha sei.SHA256) error {
	return s.write(ctx, "marking an upload", func(tx *sql.Tx) error {
		if err := exec(ctx, tx, `DELETE FROM lacking WHERE sha = ?`, string(sha)); err != nil {
			return err
		}
		return exec(ctx, tx, `INSERT INTO uploaded (sha) VALUES (?) ON CONFLICT DO NOTHING`, string(sha))
	})
}

// missingBlobs takes each file once, under the unit and document that the central
// gives it to: a picture only under the unit whose minute cites it.
const missingBlobs = `WITH wanted AS (
		SELECT i.unit, i.last_event, c.document, c.sha, c.size, c.mime, c.name
		FROM inbox i JOIN cited c ON c.process = i.process WHERE i.open = 1 AND i.level < ?1
		UNION ALL
		SELECT i.unit, i.last_event, p.document, p.sha, p.size, p.mime, p.name
		FROM inbox i JOIN pictures p ON p.process = i.process AND p.unit = i.unit WHERE i.open = 1 AND i.level < ?1
	), ranked AS (
		SELECT *, row_number() OVER (PARTITION BY sha ORDER BY last_event DESC, document, unit) AS place
		FROM wanted w
		WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.sha = w.sha)
			AND NOT EXISTS (SELECT 1 FROM not_given n WHERE n.sha = w.sha AND n.document = w.document)
	)
	SELECT unit, document, sha, size, mime, name FROM ranked WHERE place = 1
	ORDER BY last_event DESC, document, sha LIMIT ?2`

// MissingBlobs lists cited files that are not here yet, pictures of minutes
// among them: those of processes that are open in the user's units, the most
// recently moved first. What is Sealed is never kept for offline reading.
func (s *Store) MissingBlobs(ctx context.Context, limit int) ([]BlobDownload, error) {
	var out []BlobDownload
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var d BlobDownload
		var unit, document, sha string
		if err := scan(&unit, &document, &sha, &d.Blob.Size, &d.Blob.MIME, &d.Blob.Name); err != nil {
			return err
		}
		d.Unit, d.Document, d.Blob.SHA256 = sei.UnitID(unit), sei.DocumentID(document), sei.SHA256(sha)
		out = append(out, d)
		return nil
	}, missingBlobs, int(sei.Sealed), limit)
	if err != nil {
		return nil, fmt.Errorf("listing missing files: %w", err)
	}
	return out, nil
}

// DropMissing stops asking for a file that the central will not give.
func (s *Store) DropMissing(ctx context.Context, d BlobDownload, why string) error {
	return s.write(ctx, "dropping a download", func(tx *sql.Tx) error {
		return exec(ctx, tx, `INSERT INTO not_given (document, sha, why) VALUES (?, ?, ?)
			ON CONFLICT (document, sha) DO UPDATE SET why = excluded.why`, string(d.Document), string(d.Blob.SHA256), cut(why, 1000))
	})
}

// WhyMissing is why the central does not give a file; "" when nothing is known
// against it.
func (s *Store) WhyMissing(ctx context.Context, doc sei.DocumentID, sha sei.SHA256) (string, error) {
	var why string
	err := s.r.QueryRowContext(ctx, `SELECT why FROM not_given WHERE document = ? AND sha = ?`, string(doc), string(sha)).Scan(&why)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading why a file is missing: %w", err)
	}
	return why, nil
}

// unlinkFiles takes the citations of documents away and marks for erasure the
// files that nothing needs any more.
func unlinkFiles(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	return unlink(ctx, tx, ` FROM cited WHERE `+where, args...)
}

// unlinkPictures does the same with the citations of minutes.
func unlinkPictures(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	return unlink(ctx, tx, ` FROM pictures WHERE `+where, args...)
}

func unlink(ctx context.Context, tx *sql.Tx, citations string, args ...any) error {
	files, err := column[sei.SHA256](ctx, tx, `SELECT DISTINCT sha`+citations, args...)
	if err != nil {
		return err
	}
	if err := exec(ctx, tx, `DELETE`+citations, args...); err != nil {
		return err
	}
	for _, sha := range files {
		if err := eraseIfUnlinked(ctx, tx, sha); err != nil {
			return err
		}
	}
	return nil
}

// linked is true of a file that something needs: a document, a minute's text, an
// outbox entry that was not dismissed, one that was accepted and that no backup of
// the central covers, or a pin.
const linked = `(EXISTS (SELECT 1 FROM cited WHERE sha = ?1) OR EXISTS (SELECT 1 FROM pictures WHERE sha = ?1) OR EXISTS (SELECT 1 FROM pins WHERE sha = ?1)
	OR EXISTS (SELECT 1 FROM outbox_blobs b JOIN outbox o ON o.id = b.id WHERE b.sha = ?1
		AND (o.dismissed = 0 AND o.arrived = 0 OR o.state = 'accepted' AND o.covered = 0)))`

func eraseIfUnlinked(ctx context.Context, tx *sql.Tx, sha sei.SHA256) error {
	return exec(ctx, tx, `INSERT INTO erasures (sha) SELECT ?1 WHERE NOT `+linked+` ON CONFLICT DO NOTHING`, string(sha))
}

// eraseUnlinked erases the files whose last link was committed away. Each is
// looked at again first: it may have been cited anew since.
func (s *Store) eraseUnlinked(ctx context.Context) error {
	blobs, err := s.blobStore()
	if err != nil {
		return err
	}
	files, err := column[sei.SHA256](ctx, s.r, `SELECT sha FROM erasures`)
	if err != nil {
		return fmt.Errorf("listing files to erase: %w", err)
	}
	for _, sha := range files {
		// The writing transaction keeps anyone from linking the file meanwhile.
		err := s.write(ctx, "erasing a file", func(tx *sql.Tx) error {
			var keep bool
			if err := tx.QueryRowContext(ctx, `SELECT `+linked, string(sha)).Scan(&keep); err != nil {
				return err
			}
			if !keep {
				if err := blobs.Delete(ctx, string(sha)); err != nil {
					return err
				}
				if err := exec(ctx, tx, `DELETE FROM blobs WHERE sha = ?`, string(sha)); err != nil {
					return err
				}
			}
			return exec(ctx, tx, `DELETE FROM erasures WHERE sha = ?`, string(sha))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Maintain finishes what an earlier run left: files to erase, and words of
// erased documents in the index. Call it after unlocking, beside other work.
func (s *Store) Maintain(ctx context.Context) error {
	return errors.Join(s.eraseUnlinked(ctx), s.compactSearch(ctx))
}
