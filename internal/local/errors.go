package local

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Codes of what can go wrong here, beside those of package sei.
const (
	// CodeInUse is a store that another window holds open.
	CodeInUse sei.Code = "store.in_use"
	// CodeNewer is a store written by a later release.
	CodeNewer sei.Code = "store.newer"
	// CodeDamaged is something in the store that was altered or torn.
	CodeDamaged sei.Code = "store.damaged"
	// CodeLocked is a call that needs the vault's key while it is locked.
	CodeLocked sei.Code = "vault.locked"
	// CodeWrongPassword is a password that does not open the vault.
	CodeWrongPassword sei.Code = "vault.wrong_password"
	// CodeWait is a try made too soon after wrong passwords.
	CodeWait sei.Code = "vault.wait"
	// CodeOfflineExpired is a vault that was not used online for too long.
	CodeOfflineExpired sei.Code = "vault.offline_expired"
	// CodeNoKeyring is a system keyring that does not hold the vault's key.
	CodeNoKeyring sei.Code = "vault.no_keyring"
	// CodeSending is a withdrawal of what is on its way already.
	CodeSending sei.Code = "outbox.sending"
	// CodeSettled is a change to an entry that the central has answered.
	CodeSettled sei.Code = "outbox.settled"
	// CodeDependency is an entry that depends on a refused or withdrawn one.
	CodeDependency sei.Code = "outbox.dependency"
	// CodeReceiptKey is a receipt key that no known key vouches for.
	CodeReceiptKey sei.Code = "receipt.key"
	// CodeDiskFull is a disk, or a quota on it, that has no room left.
	CodeDiskFull sei.Code = "store.disk_full"
	// CodeMismatch is what a store of files says of content that is not what was
	// announced.
	CodeMismatch sei.Code = "blob.mismatch"
)

func locked() error {
	return sei.Errorf(CodeLocked, "Os dados deste computador estão bloqueados. Digite a sua senha para continuar.")
}

func damaged(cause error) error {
	return sei.Wrap(cause, CodeDamaged, "Um dado guardado neste computador está danificado ou foi alterado fora do programa. Sincronize de novo e, se continuar, avise o suporte.")
}

// failed says what was being done when err came, and gives what SQLite says of
// the disk its code.
func failed(doing string, err error) error {
	err = fmt.Errorf("%s: %w", doing, err)
	lite, ok := errors.AsType[sqlite3.Error](err)
	if !ok || hasCode(err) {
		return err
	}
	switch lite.Code {
	case sqlite3.ErrFull:
		return sei.Wrap(err, CodeDiskFull, "O disco está cheio. Libere espaço e tente de novo; nada do que já estava guardado foi perdido.")
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return sei.Wrap(err, CodeDamaged, "O arquivo de dados deste computador está danificado. Não o apague: o suporte pode recuperar o que ainda não foi enviado.")
	case sqlite3.ErrReadonly, sqlite3.ErrCantOpen, sqlite3.ErrIoErr, sqlite3.ErrPerm:
		return sei.Wrap(err, sei.CodeUnavailable, "O arquivo de dados do programa não pode ser lido ou gravado. Verifique a permissão da pasta e o disco.")
	}
	return err
}

func hasCode(err error) bool {
	_, ok := errors.AsType[*sei.Error](err)
	return ok
}
