package blob

import (
	"context"
	"errors"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Codes of what can go wrong with content, beside those of package sei.
const (
	// CodeDiskFull is a disk, or a quota on it, that has no room left.
	CodeDiskFull sei.Code = "blob.disk_full"
	// CodeMismatch is content that is not what was announced.
	CodeMismatch sei.Code = "blob.mismatch"
	// CodeDamaged is a stored form that is torn or altered.
	CodeDamaged sei.Code = "blob.damaged"
	// CodeWrongKey is content sealed under another key.
	CodeWrongKey sei.Code = "blob.wrong_key"
	// CodeOffset is a piece of an upload that does not continue where the last
	// one ended.
	CodeOffset sei.Code = "blob.offset"
)

func tooLarge(limit int64) error {
	return sei.Errorf(sei.CodeTooLarge, "O arquivo passa do limite de %s. Reduza-o ou divida-o em partes.", megabytes(limit))
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

func mismatch() error {
	return sei.Errorf(CodeMismatch, "O arquivo recebido não é igual ao que foi anunciado. Envie-o de novo.")
}

func damaged(cause error) error {
	return sei.Wrap(cause, CodeDamaged, "O arquivo guardado está danificado. Avise o suporte: ele pode ser recuperado da central ou de uma cópia de segurança.")
}

func notFound(name string) error {
	return sei.Wrap(fmt.Errorf("no blob %s", name), sei.CodeNotFound, "O arquivo não foi encontrado.")
}

func badAddress(s string) error {
	return sei.Wrap(fmt.Errorf("malformed address %.80q", s), sei.CodeInvalid, "O endereço do arquivo não é válido.")
}

// diskError gives a failure of the medium its code; ctx errors and errors that
// have a code stay as they are.
func diskError(doing string, err error) error {
	if err == nil {
		return nil
	}
	if isDiskFull(err) {
		return sei.Wrap(fmt.Errorf("%s: %w", doing, err), CodeDiskFull, "O disco está cheio. Libere espaço e tente de novo; nada do que já estava guardado foi perdido.")
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// validAddress tells whether s is 64 lower-case hexadecimal digits. It also
// keeps names from ever being a path.
func validAddress(s string) bool { return sei.SHA256(s).Valid() }
