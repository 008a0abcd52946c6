package local

import (
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
	// CodeReceiptChanged is a second, different answer to the same command.
	CodeReceiptChanged sei.Code = "receipt.changed"
)

func locked() error {
	return sei.Errorf(CodeLocked, "Os dados deste computador estão bloqueados. Digite a sua senha para continuar.")
}

func damaged(cause error) error {
	return sei.Wrap(cause, CodeDamaged, "Um dado guardado neste computador está danificado ou foi alterado fora do programa. Sincronize de novo e, se continuar, avise o suporte.")
}
