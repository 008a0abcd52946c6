package pkcs11

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	p11 "github.com/miekg/pkcs11"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// unlocked is a key ready to sign; it lives in the worker only.
type unlocked struct {
	driver  *driver
	token   tokenSeen
	cert    *x509.Certificate
	session p11.SessionHandle
	key     p11.ObjectHandle
	always  bool   // CKA_ALWAYS_AUTHENTICATE: a login for each signature
	pin     []byte // kept only if always, erased by lock
}

// unlock logs in with the PIN, once, and finds the certificate's key.
func (d *driver) unlock(fingerprint string, pin []byte) (*unlocked, *failure) {
	token, seen, cert, f := d.locate(fingerprint)
	if f != nil {
		return nil, f
	}
	session, err := d.ctx.OpenSession(token.Slot, p11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, classify(err, "C_OpenSession", d.present(token.Slot))
	}
	u := &unlocked{driver: d, token: token, cert: cert, session: session}
	if token.PINPad {
		pin = nil
	}
	if f := u.login(pin); f != nil {
		u.lock()
		return nil, f
	}
	if u.key, err = d.findKey(session, seen.ID, cert); err != nil || u.key == 0 {
		u.lock()
		if err != nil {
			return nil, classify(err, "looking for the key", d.present(token.Slot))
		}
		return nil, &failure{Code: keys.CodeKeyMissing, Detail: "no private key with the certificate's CKA_ID or modulus"}
	}
	u.always = truthy(d.attribute(session, u.key, p11.CKA_ALWAYS_AUTHENTICATE))
	if u.always && pin != nil {
		u.pin = bytes.Clone(pin)
		keepInMemory(u.pin)
	}
	return u, nil
}

func truthy(attribute []byte) bool { return len(attribute) > 0 && attribute[0] != 0 }

// login tries the PIN at most once; one that cannot be right (a locked token, a
// length the token does not take) is not tried at all.
func (u *unlocked) login(pin []byte) *failure {
	if !u.token.LoginNeeded {
		return nil
	}
	if f := u.refuseUntried(pin); f != nil {
		return f
	}
	err := u.driver.lib.login(u.session, p11.CKU_USER, pin)
	if errors.Is(err, p11.Error(p11.CKR_USER_ALREADY_LOGGED_IN)) {
		// Another program's login: the PIN was not looked at. Ours has to be.
		_ = u.driver.ctx.Logout(u.session)
		err = u.driver.lib.login(u.session, p11.CKU_USER, pin)
	}
	if err != nil {
		return u.loginFailure(err, "C_Login")
	}
	return nil
}

func (u *unlocked) refuseUntried(pin []byte) *failure {
	if u.token.PIN == keys.PINLocked {
		return &failure{Code: keys.CodePINLocked, Detail: "CKF_USER_PIN_LOCKED"}
	}
	if u.token.PINPad {
		return nil
	}
	if len(pin) == 0 {
		return &failure{Code: sei.CodeInvalid, Detail: "no PIN was given"}
	}
	info, err := u.driver.ctx.GetTokenInfo(u.token.Slot)
	if err != nil {
		return classify(err, "C_GetTokenInfo", u.driver.present(u.token.Slot))
	}
	if told := info.MaxPinLen >= info.MinPinLen && info.MaxPinLen > 0 && info.MaxPinLen < 1<<16; told {
		if n := uint(len(pin)); n < info.MinPinLen || n > info.MaxPinLen {
			return &failure{Code: keys.CodePINWrong, Format: true, Detail: fmt.Sprintf("not tried: the token takes %d to %d characters", info.MinPinLen, info.MaxPinLen)}
		}
	}
	return nil
}

// loginFailure adds what the token tells about the tries left.
func (u *unlocked) loginFailure(err error, doing string) *failure {
	f := classify(err, doing, u.driver.present(u.token.Slot))
	if f.Code != keys.CodePINWrong {
		return f
	}
	if info, err := u.driver.ctx.GetTokenInfo(u.token.Slot); err == nil {
		f.PIN = pinState(info.Flags)
		if f.PIN == keys.PINLocked {
			f.Code = keys.CodePINLocked
		}
	}
	return f
}

// findKey pairs the certificate with its key by CKA_ID and, for tokens whose
// maker wrote different ones, by the RSA modulus.
func (d *driver) findKey(session p11.SessionHandle, id []byte, cert *x509.Certificate) (p11.ObjectHandle, error) {
	if key, err := d.keyByID(session, id); key != 0 || err != nil {
		return key, err
	}
	pub, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return 0, nil
	}
	all, err := d.find(session, p11.NewAttribute(p11.CKA_CLASS, p11.CKO_PRIVATE_KEY))
	if err != nil {
		return 0, err
	}
	for _, key := range all {
		if modulus := d.attribute(session, key, p11.CKA_MODULUS); new(big.Int).SetBytes(modulus).Cmp(pub.N) == 0 {
			return key, nil
		}
	}
	return 0, nil
}

// sign makes one signature over digest.
func (u *unlocked) sign(hash crypto.Hash, digest []byte) ([]byte, *failure) {
	mechanism, input, err := mechanismFor(u.cert.PublicKey, hash, digest)
	if err != nil {
		return nil, &failure{Code: keys.CodeUnsupported, Detail: err.Error()}
	}
	d := u.driver
	if err := d.ctx.SignInit(u.session, []*p11.Mechanism{p11.NewMechanism(mechanism, nil)}, u.key); err != nil {
		return nil, classify(err, "C_SignInit", d.present(u.token.Slot))
	}
	if u.always {
		if err := d.lib.login(u.session, p11.CKU_CONTEXT_SPECIFIC, u.pin); err != nil {
			return nil, u.loginFailure(err, "C_Login(CKU_CONTEXT_SPECIFIC)")
		}
	}
	raw, err := d.ctx.Sign(u.session, input)
	if err != nil {
		return nil, classify(err, "C_Sign", d.present(u.token.Slot))
	}
	if ec, ok := u.cert.PublicKey.(*ecdsa.PublicKey); ok {
		if raw, err = ecdsaValue(raw, (ec.Params().BitSize+7)/8); err != nil {
			return nil, &failure{Code: keys.CodeModuleFailed, Detail: err.Error()}
		}
	}
	return raw, nil
}

// lock erases the PIN and ends the session.
func (u *unlocked) lock() {
	clear(u.pin)
	_ = u.driver.ctx.Logout(u.session)
	_ = u.driver.ctx.CloseSession(u.session)
}

// digestInfo holds the DER of DigestInfo up to the digest (RFC 8017, 9.2, note 1).
var digestInfo = map[crypto.Hash][]byte{
	crypto.SHA256: {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
	crypto.SHA384: {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
	crypto.SHA512: {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
}

// mechanismFor chooses the mechanisms that every card has: the digest is made
// here, so that the document's bytes do not go through the card.
func mechanismFor(pub crypto.PublicKey, hash crypto.Hash, digest []byte) (uint, []byte, error) {
	prefix, known := digestInfo[hash]
	if !known || len(digest) != hash.Size() {
		return 0, nil, fmt.Errorf("hash %d with %d bytes", hash, len(digest))
	}
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return p11.CKM_RSA_PKCS, append(bytes.Clone(prefix), digest...), nil
	case *ecdsa.PublicKey:
		// A digest longer than the curve's order is cut to its leftmost bytes
		// (FIPS 186-5, 6.4.1); not every driver does it.
		return p11.CKM_ECDSA, digest[:min(len(digest), (pub.Params().BitSize+7)/8)], nil
	}
	return 0, nil, fmt.Errorf("key of type %T", pub)
}

// ecdsaValue turns the standard's r‖s into ECDSA-Sig-Value; the drivers that
// give that form already are let through.
func ecdsaValue(raw []byte, size int) ([]byte, error) {
	type value struct{ R, S *big.Int }
	if len(raw) == 0 || len(raw) > 2*size || len(raw)%2 != 0 {
		var v value
		if rest, err := asn1.Unmarshal(raw, &v); err == nil && len(rest) == 0 {
			return raw, nil
		}
		return nil, fmt.Errorf("an ECDSA signature of %d bytes", len(raw))
	}
	half := len(raw) / 2
	return asn1.Marshal(value{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}
