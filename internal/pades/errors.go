package pades

import (
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Codes of the errors that Sign, Verify and the other functions return.
// Reasons inside a Report have their own codes (see ReasonCode).
const (
	// CodeEncrypted is a PDF protected with a password or with usage rights.
	CodeEncrypted sei.Code = "pades.encrypted"
	// CodeDamaged is a file that is not a PDF or whose structure cannot be followed.
	CodeDamaged sei.Code = "pades.damaged"
	// CodeTooComplex is a PDF beyond the limits of limits.go.
	CodeTooComplex sei.Code = "pades.too_complex"
	// CodeLocked is a PDF whose certification forbids further signatures.
	CodeLocked sei.Code = "pades.locked"
	// CodeCertificate is a certificate that cannot sign (expired, key usage, weak key).
	CodeCertificate sei.Code = "pades.certificate"
	// CodeKeyMismatch is a key that is not the certificate's.
	CodeKeyMismatch sei.Code = "pades.key_mismatch"
	// CodePolicy is a signature policy that is not in force or forbids the algorithm.
	CodePolicy sei.Code = "pades.policy"
	// CodeContentsSize is a signature that does not fit the space reserved for it.
	CodeContentsSize sei.Code = "pades.contents_size"
	// CodePage is a stamp asked for on a page that does not exist or outside sane bounds.
	CodePage sei.Code = "pades.page"
	// CodeChanged is an input file that changed while it was being signed.
	CodeChanged sei.Code = "pades.changed"
	// CodeNotOriginal is a signed file that is not the expected original plus signatures.
	CodeNotOriginal sei.Code = "pades.not_original"
)

// damaged reports a structural fault; what names it in Portuguese.
func damaged(what string, args ...any) error {
	return sei.Errorf(CodeDamaged, "O PDF está danificado (%s). Gere o arquivo de novo ou peça outra cópia.", fmt.Sprintf(what, args...))
}

func tooComplex(what string) error {
	return sei.Errorf(CodeTooComplex, "O PDF passa dos limites de segurança (%s). Gere o arquivo de novo em um formato mais simples.", what)
}

func encrypted() error {
	return sei.Errorf(CodeEncrypted, "O PDF está protegido (criptografado). Salve uma cópia sem senha nem restrições e tente de novo.")
}
