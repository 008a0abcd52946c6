package pkcs11

import (
	"crypto/x509"
	"errors"
	"strings"

	p11 "github.com/miekg/pkcs11"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// Bounds on what a driver may tell.
const (
	maxSlots       = 32
	maxObjects     = 64       // certificates or keys of a token
	maxCertificate = 16 << 10 // bytes
)

// driver is a loaded and initialized module; it lives in the worker only.
type driver struct {
	lib *library
	ctx *p11.Ctx
}

func loadDriver(path string) (*driver, *failure) {
	lib, f := loadLibrary(path)
	if f != nil {
		return nil, f
	}
	ctx := p11.New(loadedName(path))
	if ctx == nil {
		return nil, &failure{Code: keys.CodeModuleNotLoadable, Reason: loadOther, Detail: "loaded once, but not again"}
	}
	err := ctx.Initialize()
	if errors.Is(err, p11.Error(p11.CKR_CANT_LOCK)) {
		err = ctx.Initialize(p11.InitializeWithFlags(0)) // old drivers; the worker has one thread anyway
	}
	if err != nil && !errors.Is(err, p11.Error(p11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		return nil, classify(err, "C_Initialize", true)
	}
	return &driver{lib: lib, ctx: ctx}, nil
}

// tokens reads every token that is present. A slot that fails is left out
// unless nothing else can be told: a card of another maker is no error.
func (d *driver) tokens() ([]tokenSeen, *failure) {
	slots, err := d.ctx.GetSlotList(true)
	if err != nil {
		return nil, classify(err, "C_GetSlotList", true)
	}
	var tokens []tokenSeen
	var problem *failure
	for _, slot := range slots[:min(len(slots), maxSlots)] {
		token, err := d.token(slot)
		switch {
		case err == nil && token != nil:
			tokens = append(tokens, *token)
		case err != nil && !isForeignCard(err) && problem == nil:
			problem = classify(err, "reading the token", true)
		}
	}
	if len(tokens) > 0 {
		problem = nil
	}
	return tokens, problem
}

func isForeignCard(err error) bool {
	var rv p11.Error
	return errors.As(err, &rv) && (rv == p11.CKR_TOKEN_NOT_RECOGNIZED || rv == p11.CKR_TOKEN_NOT_PRESENT || rv == p11.CKR_DEVICE_REMOVED)
}

// token reads one slot; nil for a token that was never initialized.
func (d *driver) token(slot uint) (*tokenSeen, error) {
	info, err := d.ctx.GetTokenInfo(slot)
	if err != nil {
		return nil, err
	}
	if info.Flags&p11.CKF_TOKEN_INITIALIZED == 0 {
		return nil, nil
	}
	session, err := d.ctx.OpenSession(slot, p11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, err
	}
	defer func() { _ = d.ctx.CloseSession(session) }() // only read
	certificates, err := d.certificates(session)
	if err != nil {
		return nil, err
	}
	return &tokenSeen{
		Slot:         slot,
		Label:        clean(info.Label),
		Serial:       clean(info.SerialNumber),
		Manufacturer: clean(info.ManufacturerID),
		Model:        clean(info.Model),
		PIN:          pinState(info.Flags),
		PINPad:       info.Flags&p11.CKF_PROTECTED_AUTHENTICATION_PATH != 0,
		LoginNeeded:  info.Flags&p11.CKF_LOGIN_REQUIRED != 0,
		Certificates: certificates,
	}, nil
}

func clean(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(strings.TrimRight(s, "\x00 "), ""))
}

func pinState(flags uint) keys.PINState {
	switch {
	case flags&p11.CKF_USER_PIN_LOCKED != 0:
		return keys.PINLocked
	case flags&p11.CKF_USER_PIN_FINAL_TRY != 0:
		return keys.PINFinal
	case flags&p11.CKF_USER_PIN_COUNT_LOW != 0:
		return keys.PINLow
	}
	return keys.PINOK
}

func (d *driver) certificates(session p11.SessionHandle) ([]certSeen, error) {
	handles, err := d.find(session,
		p11.NewAttribute(p11.CKA_CLASS, p11.CKO_CERTIFICATE),
		p11.NewAttribute(p11.CKA_CERTIFICATE_TYPE, p11.CKC_X_509))
	if err != nil {
		return nil, err
	}
	var seen []certSeen
	for _, handle := range handles {
		der := d.attribute(session, handle, p11.CKA_VALUE)
		if len(der) == 0 || len(der) > maxCertificate {
			continue
		}
		id := d.attribute(session, handle, p11.CKA_ID)
		key, _ := d.keyByID(session, id)
		seen = append(seen, certSeen{ID: id, DER: der, HasKey: key != 0})
	}
	return seen, nil
}

func (d *driver) find(session p11.SessionHandle, template ...*p11.Attribute) ([]p11.ObjectHandle, error) {
	if err := d.ctx.FindObjectsInit(session, template); err != nil {
		return nil, err
	}
	defer func() { _ = d.ctx.FindObjectsFinal(session) }() // what was found stands
	var all []p11.ObjectHandle
	for len(all) < maxObjects {
		// Some drivers give one object a call, whatever is asked for.
		some, _, err := d.ctx.FindObjects(session, maxObjects-len(all))
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			break
		}
		all = append(all, some...)
	}
	return all, nil
}

// attribute reads one attribute; nil when the object has none.
func (d *driver) attribute(session p11.SessionHandle, object p11.ObjectHandle, kind uint) []byte {
	values, err := d.ctx.GetAttributeValue(session, object, []*p11.Attribute{p11.NewAttribute(kind, nil)})
	if err != nil || len(values) == 0 {
		return nil
	}
	return values[0].Value
}

func (d *driver) keyByID(session p11.SessionHandle, id []byte) (p11.ObjectHandle, error) {
	if len(id) == 0 {
		return 0, nil
	}
	handles, err := d.find(session,
		p11.NewAttribute(p11.CKA_CLASS, p11.CKO_PRIVATE_KEY),
		p11.NewAttribute(p11.CKA_ID, id))
	if err != nil || len(handles) == 0 {
		return 0, err
	}
	return handles[0], nil
}

// present says whether the slot still holds a token, as far as the driver tells.
func (d *driver) present(slot uint) bool {
	info, err := d.ctx.GetSlotInfo(slot)
	if err != nil {
		return !isForeignCard(err)
	}
	return info.Flags&p11.CKF_TOKEN_PRESENT != 0
}

// locate finds the certificate by its fingerprint in whatever slot it is now.
func (d *driver) locate(fingerprint string) (tokenSeen, certSeen, *x509.Certificate, *failure) {
	tokens, f := d.tokens()
	if f != nil {
		return tokenSeen{}, certSeen{}, nil, f
	}
	for _, token := range tokens {
		for _, c := range token.Certificates {
			if keys.Fingerprint(c.DER) != fingerprint {
				continue
			}
			cert, err := x509.ParseCertificate(c.DER)
			if err != nil {
				return token, c, nil, &failure{Code: keys.CodeCertificateNotFound, Detail: err.Error()}
			}
			return token, c, cert, nil
		}
	}
	return tokenSeen{}, certSeen{}, nil, &failure{Code: keys.CodeCertificateNotFound, Detail: "in none of the tokens"}
}
