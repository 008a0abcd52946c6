package pkcs11

import (
	"crypto"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// MeasureRaw times n signatures over digest by the driver at path and nothing
// else: loaded into this very process, one login, the token's own operation. It
// is what a batch of signatures is compared with; never use it to sign, because
// a driver's crash ends the process.
func MeasureRaw(path string, certificate []byte, pin keys.Secret, hash crypto.Hash, digest []byte, n int) (time.Duration, error) {
	d, f := loadDriver(path)
	if f != nil {
		return 0, fmt.Errorf("loading the driver: %s", f.Detail)
	}
	u, f := d.unlock(keys.Fingerprint(certificate), pin.Bytes())
	pin.Zero()
	if f != nil {
		return 0, fmt.Errorf("unlocking the key: %s", f.Detail)
	}
	defer func() { u.lock(); _ = d.ctx.Finalize() }()
	began := time.Now()
	for range n {
		if _, f := u.sign(hash, digest); f != nil {
			return 0, errors.New("signing: " + f.Detail)
		}
	}
	return time.Since(began), nil
}
