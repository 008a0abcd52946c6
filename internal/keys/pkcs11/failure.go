package pkcs11

import (
	"errors"
	"fmt"
	"path/filepath"

	p11 "github.com/miekg/pkcs11"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// classify translates a driver's return value (PKCS #11 2.40, 5.1) into a
// failure. present says whether a token is still in the slot, for the drivers
// that answer a removed token with a general error.
func classify(err error, doing string, present bool) *failure {
	f := &failure{Code: keys.CodeModuleFailed, Detail: fmt.Sprintf("%s: %v", doing, err)}
	var rv p11.Error
	if !errors.As(err, &rv) {
		return f
	}
	switch rv {
	case p11.CKR_PIN_INCORRECT:
		f.Code = keys.CodePINWrong
	case p11.CKR_PIN_INVALID, p11.CKR_PIN_LEN_RANGE:
		f.Code, f.Format = keys.CodePINWrong, true
	case p11.CKR_PIN_LOCKED:
		f.Code = keys.CodePINLocked
	case p11.CKR_PIN_EXPIRED, p11.CKR_USER_PIN_NOT_INITIALIZED:
		f.Code = keys.CodePINExpired
	case p11.CKR_DEVICE_REMOVED, p11.CKR_TOKEN_NOT_PRESENT, p11.CKR_SLOT_ID_INVALID:
		f.Code = keys.CodeTokenRemoved
	case p11.CKR_FUNCTION_CANCELED, p11.CKR_FUNCTION_REJECTED, p11.CKR_CANCEL:
		f.Code = keys.CodeCanceled
	case p11.CKR_SESSION_HANDLE_INVALID, p11.CKR_SESSION_CLOSED, p11.CKR_USER_NOT_LOGGED_IN:
		// The token was reset, by being pulled and put back or by another program.
		f.Code = keys.CodeSessionEnded
	}
	if !present && (f.Code == keys.CodeModuleFailed || f.Code == keys.CodeSessionEnded) {
		f.Code = keys.CodeTokenRemoved
	}
	return f
}

// explain makes the servant's error of a worker's failure.
func explain(f *failure, module string) error {
	switch f.Code {
	case keys.CodePINWrong:
		if f.Format {
			return keys.ErrPINFormat(f)
		}
		return keys.ErrPINWrong(f.PIN, f)
	case keys.CodePINLocked:
		return keys.ErrPINLocked(f)
	case keys.CodePINExpired:
		return keys.ErrPINExpired(f)
	case keys.CodeTokenRemoved:
		return keys.ErrTokenRemoved(f)
	case keys.CodeCanceled:
		return keys.ErrCanceled(f)
	case keys.CodeCertificateNotFound:
		return keys.ErrCertificateNotFound(f)
	case keys.CodeKeyMissing:
		return keys.ErrKeyMissing(f)
	case keys.CodeUnsupported:
		return sei.Wrap(f, keys.CodeUnsupported, "O certificado escolhido não faz este tipo de assinatura. Escolha outro certificado.")
	case sei.CodeInvalid:
		return sei.Wrap(f, sei.CodeInvalid, "Digite o PIN do token para assinar.")
	case keys.CodeSessionEnded:
		return sei.Wrap(f, keys.CodeSessionEnded, "O token encerrou a sessão. Digite o PIN de novo para continuar.")
	case keys.CodeModuleNotLoadable:
		return sei.Wrap(f, keys.CodeModuleNotLoadable, loadMessage(f, filepath.Base(module)))
	}
	return keys.ErrModuleFailed(module, f)
}

func loadMessage(f *failure, module string) string {
	switch f.Reason {
	case loadMissing:
		return "O driver do token (" + module + ") não existe no caminho configurado. Corrija o caminho ou instale o driver do fabricante."
	case loadDependency:
		what := "um componente"
		if f.Name != "" {
			what = "o componente " + f.Name
		}
		return "O driver do token (" + module + ") está instalado, mas falta " + what + " de que ele depende. Reinstale o driver do fabricante ou peça ao suporte que instale o que falta."
	case loadArchitecture:
		return "O driver do token (" + module + ") foi feito para outro tipo de sistema (32 bits ou outro processador). Instale a versão de 64 bits do driver."
	case loadForeign:
		return "O arquivo " + module + " não é um driver de token (PKCS#11). Escolha o arquivo indicado pelo fabricante do token."
	}
	return "O driver do token (" + module + ") não pôde ser carregado. Reinstale o driver do fabricante e, se continuar, avise o suporte."
}
