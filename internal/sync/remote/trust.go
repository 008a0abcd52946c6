package remote

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// CodeRoots says that the file of trusted authorities cannot be used.
const CodeRoots sei.Code = "network.roots"

// trustedRoots are the system's authorities and those of the PEM; nil, which is
// the system's alone, when there are no others.
func trustedRoots(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any: the agency's are all there is
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, sei.Errorf(CodeRoots, "O arquivo de autoridades confiáveis do órgão não contém certificados (PEM). Peça ao suporte que o corrija.")
	}
	return pool, nil
}

// untrusted is what a servant is told of a certificate that is not trusted; ""
// for any other failure. Nothing was sent then.
func untrusted(err error) string {
	failed, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok {
		return ""
	}
	if _, ok := errors.AsType[x509.HostnameError](failed.Err); ok {
		return "Quem respondeu no endereço da central apresentou um certificado de outro endereço. Por segurança, nada foi enviado. Confira o endereço ou avise o suporte."
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](failed.Err); ok && invalid.Reason == x509.Expired {
		return "O certificado da central está fora da validade, ou a data deste computador está errada. Por segurança, nada foi enviado. Confira a data ou avise o suporte."
	}
	return "O certificado da central não vem de uma autoridade em que este computador confia. Por segurança, nada foi enviado. Peça ao suporte o arquivo da autoridade certificadora do órgão."
}
