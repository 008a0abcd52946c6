package pfx

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"

	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// opened is a decrypted file.
type opened struct {
	signer crypto.Signer
	leaf   *x509.Certificate
	others []*x509.Certificate
}

// erase overwrites what can be reached of the key. The runtime may hold copies:
// a key in a file is only as safe as the machine, which is why A3 tokens exist.
func (o *opened) erase() {
	switch key := o.signer.(type) {
	case *rsa.PrivateKey:
		wipe(key.D, key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv)
		wipe(key.Primes...)
	case *ecdsa.PrivateKey:
		//lint:ignore SA1019 a key about to be dropped may become invalid, and nothing else reaches the number
		wipe(key.D)
	}
	o.signer = nil
}

func wipe(numbers ...*big.Int) {
	for _, n := range numbers {
		if n != nil {
			clear(n.Bits())
		}
	}
}

func readFile(path string, limit int64) ([]byte, error) {
	unreadable := func(err error) error {
		return sei.Wrap(err, keys.CodePFXInvalid, "O arquivo do certificado não pôde ser lido. Confira se ele ainda está no lugar e escolha-o de novo.")
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(err)
	}
	if !info.Mode().IsRegular() {
		return nil, unreadable(fmt.Errorf("%v is not a regular file", info.Mode().Type()))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if int64(len(data)) > limit {
		return nil, sei.Errorf(keys.CodePFXInvalid, "O arquivo é grande demais para ser um certificado. Escolha o arquivo .pfx ou .p12 do certificado.")
	}
	return data, nil
}

// decode decrypts a PFX and pairs its key with the certificate that can sign;
// exporters do not agree on the order of the certificates.
func decode(data []byte, password string) (opened, error) {
	key, first, rest, err := pkcs12.DecodeChain(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption) {
		return opened{}, sei.Wrap(err, keys.CodePFXPasswordWrong, "A senha do arquivo do certificado está incorreta. Confira e digite de novo.")
	}
	if err != nil {
		return opened{}, invalid(err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return opened{}, invalid(fmt.Errorf("key of type %T", key))
	}
	o := opened{signer: signer}
	for _, cert := range append([]*x509.Certificate{first}, rest...) {
		if o.leaf == nil && samePublicKey(cert.PublicKey, signer.Public()) {
			o.leaf = cert
		} else {
			o.others = append(o.others, cert)
		}
	}
	if o.leaf == nil || !keys.CanSign(o.leaf) {
		o.erase()
		return opened{}, sei.Errorf(keys.CodePFXInvalid, "O arquivo não tem um certificado que possa assinar documentos. Escolha o arquivo de um certificado de pessoa ou empresa para assinatura.")
	}
	return o, nil
}

func samePublicKey(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}

func invalid(err error) error {
	return sei.Wrap(err, keys.CodePFXInvalid, "O arquivo não é um certificado que este programa consiga abrir. Escolha o arquivo .pfx ou .p12 do certificado ou exporte-o de novo.")
}
