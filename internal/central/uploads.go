package central

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// uploadID names a user's upload of some content: two users who send the same
// file make two uploads, and none can join or spoil the other's.
func uploadID(user sei.UserID, sha sei.SHA256) string {
	sum := sha256.Sum256([]byte("seirs/upload/1\n" + string(user) + "\n" + string(sha)))
	return hex.EncodeToString(sum[:])
}

// UploadOffset says how many bytes of the user's upload have arrived and
// whether it is complete.
func (s *Service) UploadOffset(ctx context.Context, ses Session, sha sei.SHA256) (offset int64, complete bool, err error) {
	if !sha.Valid() {
		return 0, false, errBadHash()
	}
	err = s.store.viewing(ctx, func(r reader) error {
		size, err := uploadedSize(r, ses.User, sha)
		offset, complete = max(size, 0), size >= 0
		return err
	})
	if err != nil || complete {
		return offset, complete, err
	}
	offset, err = s.cfg.Files.UploadOffset(ctx, uploadID(ses.User, sha))
	if sei.CodeOf(err) == sei.CodeNotFound {
		return 0, false, nil
	}
	return offset, false, err
}

// Upload appends bytes to the user's upload of total bytes. When it is whole it
// is verified, stored, and may be cited by the user's commands.
func (s *Service) Upload(ctx context.Context, ses Session, sha sei.SHA256, offset, total int64, r io.Reader) (after int64, complete bool, err error) {
	switch {
	case !sha.Valid():
		return 0, false, errBadHash()
	case total <= 0:
		return 0, false, sei.Errorf(sei.CodeInvalid, "O arquivo está vazio.")
	case total > s.cfg.MaxFileBytes:
		return 0, false, sei.Errorf(sei.CodeTooLarge, "O arquivo passa do limite de %d MB da central.", s.cfg.MaxFileBytes>>20)
	}
	if at, done, err := s.UploadOffset(ctx, ses, sha); err != nil || done {
		return at, done, err
	}
	if err := s.admitUpload(ctx, ses.User, sha, total); err != nil {
		return 0, false, err
	}
	id := uploadID(ses.User, sha)
	if after, err = s.cfg.Files.BeginUpload(ctx, id, sha, total); err != nil {
		return 0, false, err
	}
	if after != total || offset != total { // a whole upload only waits for its verification
		if after, err = s.cfg.Files.AppendUpload(ctx, id, offset, r); err != nil || after < total {
			return after, false, err
		}
	}
	return total, true, s.keepUpload(ctx, ses.User, sha, total)
}

// keepUpload verifies and stores a whole upload and records it as its user's.
// Meanwhile no file is cleared away: this might be its content.
func (s *Service) keepUpload(ctx context.Context, user sei.UserID, sha sei.SHA256, size int64) error {
	s.storing.RLock()
	defer s.storing.RUnlock()
	if err := s.cfg.Files.FinishUpload(ctx, uploadID(user, sha)); err != nil {
		return err
	}
	err := s.commits.write(ctx, func(w *writer) error {
		if err := w.exec("DELETE FROM open_uploads WHERE user_id = ? AND sha256 = ?", string(user), string(sha)); err != nil {
			return err
		}
		return w.exec("INSERT INTO uploads (user_id, sha256, size, at, cited) VALUES (?, ?, ?, ?, FALSE) ON CONFLICT (user_id, sha256) DO NOTHING",
			string(user), string(sha), size, micros(s.cfg.Clock()))
	})
	if err != nil {
		return fmt.Errorf("recording an upload: %w", err)
	}
	return nil
}

// admitUpload reserves room for an upload that begins. One that has begun, and
// goes on, keeps the room that it has.
func (s *Service) admitUpload(ctx context.Context, user sei.UserID, sha sei.SHA256, size int64) error {
	var begun int64
	err := s.store.viewing(ctx, func(r reader) error {
		return r.row("SELECT COUNT(*) FROM open_uploads WHERE user_id = ? AND sha256 = ? AND size = ?", string(user), string(sha), size).Scan(&begun)
	})
	if err != nil {
		return fmt.Errorf("looking for an upload: %w", err)
	}
	if begun > 0 {
		return nil
	}
	return s.commits.write(ctx, func(w *writer) error {
		waiting, err := waitingBytes(w.reader, user, sha)
		if err != nil {
			return err
		}
		if waiting+size > s.cfg.MaxWaitingBytes {
			return sei.Errorf(sei.CodeTooMany,
				"Os arquivos que você enviou e ainda não usou passam de %d MB. O envio deste continua quando os outros estiverem em documentos.", s.cfg.MaxWaitingBytes>>20)
		}
		return w.exec(`INSERT INTO open_uploads (user_id, sha256, size, at) VALUES (?, ?, ?, ?)
			ON CONFLICT (user_id, sha256) DO UPDATE SET size = excluded.size, at = excluded.at`, string(user), string(sha), size, micros(s.cfg.Clock()))
	})
}

// waitingBytes are those of a user's uploads, whole or not, that no command
// cites; the one that is being judged does not count against itself.
func waitingBytes(r reader, user sei.UserID, except sei.SHA256) (n int64, err error) {
	err = r.row(`SELECT COALESCE(SUM(size), 0) FROM (
		SELECT size FROM uploads WHERE user_id = ? AND NOT cited
		UNION ALL SELECT size FROM open_uploads WHERE user_id = ? AND sha256 <> ?) AS waiting`, string(user), string(user), string(except)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("adding up uploads: %w", err)
	}
	return n, nil
}

// citeUploads marks what an accepted command cites: these files stay.
func citeUploads(w *writer, p *prepared) error {
	var cited []sei.SHA256
	for _, ref := range sei.CitedBlobs(p.command.Body) {
		cited = append(cited, ref.SHA256)
	}
	if p.text != nil {
		cited = append(cited, p.text.images...)
	}
	for _, sha := range cited {
		if err := w.exec("UPDATE uploads SET cited = TRUE WHERE user_id = ? AND sha256 = ? AND NOT cited", string(p.wire.User), string(sha)); err != nil {
			return err
		}
	}
	return nil
}

func errBadHash() error {
	return sei.Errorf(sei.CodeInvalid, "A identificação do arquivo não é válida.")
}
