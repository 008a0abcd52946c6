package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

var (
	errBusy    = errors.New("another program is writing the file")
	errChanged = errors.New("the file changed while it was looked at")
)

// examine finds out whether a file that has been quiet is complete and what it
// holds. Other programs are left free to go on with it meanwhile; what changed in
// the time is noticed.
func examine(ctx context.Context, cfg Config, s sighting) finding {
	if s.mark.size == 0 {
		// Browsers reserve the name with an empty file while they download.
		return finding{reason: "O arquivo está vazio. Aguarde o fim da cópia ou gere o PDF de novo."}
	}
	if s.mark.size > cfg.MaxBytes {
		return finding{final: true, reason: fmt.Sprintf("O arquivo passa do limite de %d MB. Reduza-o ou divida-o em partes.", max(1, cfg.MaxBytes>>20))}
	}
	sum, err := take(ctx, cfg, s)
	if err != nil {
		return explain(err)
	}
	return finding{sha256: sum, filed: cfg.Filed != nil && cfg.Filed(sum)}
}

func take(ctx context.Context, cfg Config, s sighting) (sum string, err error) {
	f, err := openShared(s.path)
	if err != nil {
		return "", err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := unchanged(f, s); err != nil {
		return "", err
	}
	if err := plausible(f); err != nil {
		return "", err
	}
	if err := requireNoWriter(s.path); err != nil {
		return "", err
	}
	if cfg.Check != nil {
		if err := cfg.Check(s.path); err != nil {
			return "", err
		}
	}
	if sum, err = hash(ctx, f, s.mark.size); err != nil {
		return "", err
	}
	return sum, unchanged(f, s)
}

// unchanged compares both the open file and what stands under its name now.
func unchanged(f *os.File, s sighting) error {
	open, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(s.path)
	if err != nil {
		return err
	}
	for _, info := range []os.FileInfo{open, named} {
		if !info.Mode().IsRegular() || !s.mark.equal(fingerprint{info.Size(), info.ModTime()}) {
			return errChanged
		}
	}
	return nil
}

func hash(ctx context.Context, r io.Reader, size int64) (string, error) {
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(cancellable{ctx, r}, size+1))
	if err != nil {
		return "", err
	}
	if n != size {
		return "", errChanged
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// cancellable looks at the context before each read.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// explain turns what an examination ran into into what the servant reads.
func explain(err error) finding {
	switch {
	case errors.Is(err, ErrIncomplete):
		return finding{reason: "O PDF está incompleto. Aguarde o fim da cópia ou gere o arquivo de novo."}
	case errors.Is(err, errBusy), errors.Is(err, errChanged):
		return finding{reason: "O arquivo ainda está sendo gravado ou está aberto em outro programa. Feche-o e aguarde."}
	}
	if refusal, ok := errors.AsType[*sei.Error](err); ok {
		return finding{final: true, reason: refusal.Message}
	}
	return finding{err: err, reason: "O arquivo não pôde ser lido. Verifique a sua permissão e se ele abre em outro programa."}
}
