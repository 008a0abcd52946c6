// Command pdfsignbench signs one PDF with digitorus/pdfsign, for comparison with
// `seirs bench sign`. It is no part of the product.
//
//	pdfsignbench KEY.pem CERT.pem IN.pdf OUT.pdf
package main

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"

	"github.com/digitorus/pdfsign/sign"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: pdfsignbench KEY.pem CERT.pem IN.pdf OUT.pdf")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(keyFile, certFile, in, out string) error {
	keyDER, err := block(keyFile)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(keyDER)
	if err != nil {
		return err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return fmt.Errorf("%s holds no key that signs", keyFile)
	}
	certDER, err := block(certFile)
	if err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(certDER)
	if err != nil {
		return err
	}
	return sign.SignFile(in, out, sign.SignData{
		Signature: sign.SignDataSignature{
			Info:     sign.SignDataSignatureInfo{Name: "Ana", Date: time.Now()},
			CertType: sign.ApprovalSignature,
		},
		Signer: signer, DigestAlgorithm: crypto.SHA256, Certificate: cert,
	})
}

func block(path string) ([]byte, error) {
	data, err := os.ReadFile(path) //nolint:gosec // whoever runs it names the files
	if err != nil {
		return nil, err
	}
	b, _ := pem.Decode(data)
	if b == nil {
		return nil, fmt.Errorf("%s is no PEM file", path)
	}
	return b.Bytes, nil
}
