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
	id := uploadID(ses.User, sha)
	if after, err = s.cfg.Files.BeginUpload(ctx, id, sha, total); err != nil {
		return 0, false, err
	}
	if after != total || offset != total { // a whole upload only waits for its verification
		if after, err = s.cfg.Files.AppendUpload(ctx, id, offset, r); err != nil || after < total {
			return after, false, err
		}
	}
	if err := s.cfg.Files.FinishUpload(ctx, id); err != nil {
		return 0, false, err
	}
	err = s.commits.write(ctx, func(w *writer) error {
		return w.exec("INSERT INTO uploads (user_id, sha256, size, at) VALUES (?, ?, ?, ?) ON CONFLICT (user_id, sha256) DO NOTHING",
			string(ses.User), string(sha), total, micros(s.cfg.Clock()))
	})
	if err != nil {
		return 0, false, fmt.Errorf("recording an upload: %w", err)
	}
	return total, true, nil
}

func errBadHash() error {
	return sei.Errorf(sei.CodeInvalid, "A identificação do arquivo não é válida.")
}
