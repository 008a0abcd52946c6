package keys

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Codes of the errors of this package and its stores.
const (
	// CodePINWrong is a PIN the token refused; its message says how near the block is.
	CodePINWrong sei.Code = "keys.pin_wrong"
	// CodePINLocked is a token blocked by wrong PINs.
	CodePINLocked sei.Code = "keys.pin_locked"
	// CodePINExpired is a PIN that must be changed, or was never set, in the maker's program.
	CodePINExpired sei.Code = "keys.pin_expired"
	// CodeTokenRemoved is a token pulled out.
	CodeTokenRemoved sei.Code = "keys.token_removed"
	// CodeModuleCrashed is a driver that died; the program went on without it.
	CodeModuleCrashed sei.Code = "keys.module_crashed"
	// CodeModuleTimeout is a driver that did not answer in time and was stopped.
	CodeModuleTimeout sei.Code = "keys.module_timeout"
	// CodeModuleNotLoadable is a driver that the system cannot load; the message says why.
	CodeModuleNotLoadable sei.Code = "keys.module_not_loadable"
	// CodeModuleFailed is any other failure that the driver reported.
	CodeModuleFailed sei.Code = "keys.module_failed"
	// CodeCertificateNotFound is a certificate that is no longer where it was listed.
	CodeCertificateNotFound sei.Code = "keys.certificate_not_found"
	// CodeKeyMissing is a certificate whose private key is not in the token or file.
	CodeKeyMissing sei.Code = "keys.key_missing"
	// CodeCertificateExpired is a certificate past its validity.
	CodeCertificateExpired sei.Code = "keys.certificate_expired"
	// CodeCertificateNotYetValid is a certificate before its validity.
	CodeCertificateNotYetValid sei.Code = "keys.certificate_not_yet_valid"
	// CodePFXPasswordWrong is a PFX password that does not open the file.
	CodePFXPasswordWrong sei.Code = "keys.pfx_password_wrong"
	// CodePFXInvalid is a file that is not a readable PFX with a key that can sign.
	CodePFXInvalid sei.Code = "keys.pfx_invalid"
	// CodeCanceled is a signature that the servant gave up, in the window, on the PIN pad or in the system's dialog.
	CodeCanceled sei.Code = "keys.canceled"
	// CodeSessionEnded is a session that was closed or used up its Limits.
	CodeSessionEnded sei.Code = "keys.session_ended"
	// CodeSignatureInvalid is a signature that does not match the certificate.
	CodeSignatureInvalid sei.Code = "keys.signature_invalid"
	// CodeUnsupported is a hash or padding that sessions do not make.
	CodeUnsupported sei.Code = "keys.unsupported"
)

// ErrPINWrong is the answer to a refused PIN. state is what the token told
// after the refusal; a token that locked gives CodePINLocked.
func ErrPINWrong(state PINState, cause error) error {
	switch state {
	case PINLocked:
		return ErrPINLocked(cause)
	case PINFinal:
		return sei.Wrap(cause, CodePINWrong, "PIN incorreto. Resta uma única tentativa antes do bloqueio do token; confira o PIN antes de digitar de novo.")
	case PINLow:
		return sei.Wrap(cause, CodePINWrong, "PIN incorreto. Restam poucas tentativas antes do bloqueio do token; confira o PIN antes de digitar de novo.")
	}
	return sei.Wrap(cause, CodePINWrong, "PIN incorreto. Confira e digite de novo; o token bloqueia depois de algumas tentativas erradas.")
}

// ErrPINFormat is the answer to a PIN that the token refuses for its length or characters.
func ErrPINFormat(cause error) error {
	return sei.Wrap(cause, CodePINWrong, "O PIN tem tamanho ou caracteres que o token não aceita. Confira e digite de novo.")
}

// ErrPINLocked is the answer of a blocked token.
func ErrPINLocked(cause error) error {
	return sei.Wrap(cause, CodePINLocked, "O PIN do token está bloqueado. Desbloqueie com o PUK no programa do fabricante ou procure quem emitiu o certificado.")
}

// ErrPINExpired is the answer of a token whose PIN must first be set or changed.
func ErrPINExpired(cause error) error {
	return sei.Wrap(cause, CodePINExpired, "O PIN do token precisa ser definido ou trocado. Faça isso no programa do fabricante e assine de novo.")
}

// ErrTokenRemoved is the answer when the token is gone.
func ErrTokenRemoved(cause error) error {
	return sei.Wrap(cause, CodeTokenRemoved, "O token foi retirado. Conecte o token e assine de novo os documentos que faltaram.")
}

// ErrModuleCrashed is the answer when a driver's process died. module is its path.
func ErrModuleCrashed(module string, cause error) error {
	return sei.Wrap(cause, CodeModuleCrashed, "O driver do token ("+filepath.Base(module)+") parou de funcionar. Nada foi perdido; reconecte o token e tente de novo e, se repetir, atualize o driver do fabricante.")
}

// ErrModuleTimeout is the answer when a driver was stopped for not answering.
func ErrModuleTimeout(module string, cause error) error {
	return sei.Wrap(cause, CodeModuleTimeout, "O driver do token ("+filepath.Base(module)+") não respondeu a tempo e foi encerrado. Reconecte o token e tente de novo.")
}

// ErrModuleFailed is any other failure of a driver.
func ErrModuleFailed(module string, cause error) error {
	return sei.Wrap(cause, CodeModuleFailed, "O driver do token ("+filepath.Base(module)+") recusou a operação. Reconecte o token e tente de novo; se repetir, avise o suporte.")
}

// ErrCertificateNotFound is the answer when the chosen certificate is not there any more.
func ErrCertificateNotFound(cause error) error {
	return sei.Wrap(cause, CodeCertificateNotFound, "O certificado escolhido não foi encontrado. Conecte o token (ou escolha o arquivo de novo) e atualize a lista de certificados.")
}

// ErrKeyMissing is the answer when a certificate is there without its private key.
func ErrKeyMissing(cause error) error {
	return sei.Wrap(cause, CodeKeyMissing, "O certificado está no token sem a chave privada, por isso não assina. Escolha outro certificado ou procure quem o emitiu.")
}

// ErrCanceled is the answer when the servant gave up.
func ErrCanceled(cause error) error {
	return sei.Wrap(cause, CodeCanceled, "A assinatura foi cancelada.")
}

// ErrSessionEnded is the answer of a session that is closed or used up.
func ErrSessionEnded(cause error) error {
	return sei.Wrap(cause, CodeSessionEnded, "O tempo ou a quantidade de assinaturas liberadas por este PIN terminou. Digite o PIN de novo para continuar.")
}

// ErrDone translates the end of ctx: CodeModuleTimeout for a deadline,
// CodeCanceled otherwise.
func ErrDone(ctx context.Context, module string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrModuleTimeout(module, context.Cause(ctx))
	}
	return ErrCanceled(context.Cause(ctx))
}

func errExpired(end time.Time) error {
	return sei.Errorf(CodeCertificateExpired, "O certificado venceu em %s. Escolha outro certificado ou renove este.", end.Local().Format("02/01/2006"))
}

func errNotYetValid(start time.Time) error {
	return sei.Errorf(CodeCertificateNotYetValid, "O certificado só vale a partir de %s. Confira a data do computador ou escolha outro certificado.", start.Local().Format("02/01/2006"))
}
