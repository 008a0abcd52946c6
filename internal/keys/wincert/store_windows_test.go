package wincert

import (
	"crypto/x509"
	"os"
	"testing"
	"unsafe"

	"github.com/tailscale/certstore"
	"golang.org/x/sys/windows"
	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
)

// TestTheWindowsStoreKeepsTheKeystoreContract puts certificates into the
// personal store of the user who runs it, and takes them out again; so it has to
// be asked for.
func TestTheWindowsStoreKeepsTheKeystoreContract(t *testing.T) {
	if os.Getenv("SEIRS_TEST_WINDOWS_STORE") == "" {
		t.Skip("set SEIRS_TEST_WINDOWS_STORE=1 to let the test write to the user's certificate store")
	}
	a, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := a.IssueRSA(keytest.Person{Name: "MARIA DE ENSAIO", CPF: "12345678909"})
	if err != nil {
		t.Fatal(err)
	}
	encryption, err := a.IssueRSA(keytest.Person{Name: "SIGILO DE ENSAIO", CPF: "12345678909", Usage: x509.KeyUsageKeyEncipherment})
	if err != nil {
		t.Fatal(err)
	}
	install(t, signer, a)
	install(t, encryption, a)
	keytest.Run(t, keytest.Subject{
		Store:   New(Options{}),
		Offered: []keytest.Credential{signer},
		Hidden:  []*x509.Certificate{encryption.Certificate, a.Issuer},
		Issuer:  a.Issuer,
		Right:   func() keys.Secret { return keys.NewSecretString("unused") },
	})
}

func install(t *testing.T, c keytest.Credential, a *keytest.Authority) {
	t.Helper()
	data, err := pkcs12.LegacyDES.Encode(c.Key, c.Certificate, []*x509.Certificate{a.Issuer, a.Root}, "senha")
	if err != nil {
		t.Fatal(err)
	}
	store, err := certstore.Open(certstore.User)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	importPFX(t, data, "senha")
	t.Cleanup(func() { remove(t, store, c.Certificate) })
}

// importPFX does what certstore's Import does, with a key that CryptoAPI keeps:
// wine knows no other.
func importPFX(t *testing.T, data []byte, password string) {
	t.Helper()
	blob := &windows.CryptDataBlob{Size: uint32(len(data)), Data: &data[0]}
	from, err := windows.PFXImportCertStore(blob, windows.StringToUTF16Ptr(password), windows.CRYPT_USER_KEYSET)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CertCloseStore(from, 0)
	to, err := windows.CertOpenStore(windows.CERT_STORE_PROV_SYSTEM_W, 0, 0, windows.CERT_SYSTEM_STORE_CURRENT_USER,
		uintptr(unsafe.Pointer(windows.StringToUTF16Ptr("MY"))))
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CertCloseStore(to, 0)
	for cert, err := windows.CertEnumCertificatesInStore(from, nil); err == nil; cert, err = windows.CertEnumCertificatesInStore(from, cert) {
		if err := windows.CertAddCertificateContextToStore(to, cert, windows.CERT_STORE_ADD_REPLACE_EXISTING, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(t *testing.T, store certstore.Store, cert *x509.Certificate) {
	identities, err := store.Identities()
	if err != nil {
		t.Error(err)
	}
	for _, identity := range identities {
		if leaf, err := identity.Certificate(); err == nil && leaf.Equal(cert) {
			if err := identity.Delete(); err != nil {
				t.Error(err)
			}
		}
		identity.Close()
	}
}
