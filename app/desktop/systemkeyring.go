package desktop

import (
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// SystemKeyring is the operating system's keyring: Credential Manager on
// Windows, the Secret Service on Linux.
type SystemKeyring struct{}

var errKeyringSilent = errors.New("the system's keyring does not answer")

// Get reads a secret.
func (SystemKeyring) Get(service, account string) (string, error) {
	return bounded(func() (string, error) { return keyring.Get(service, account) })
}

// Set stores a secret.
func (SystemKeyring) Set(service, account, secret string) error {
	_, err := bounded(func() (string, error) { return "", keyring.Set(service, account, secret) })
	return err
}

// Delete forgets a secret; one that is not there is no error.
func (SystemKeyring) Delete(service, account string) error {
	_, err := bounded(func() (string, error) { return "", keyring.Delete(service, account) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// bounded gives up on a keyring that does not answer; the call itself cannot be
// stopped and ends when the keyring does.
func bounded(call func() (string, error)) (string, error) {
	type answer struct {
		value string
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := call()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		if a.err != nil {
			return "", fmt.Errorf("using the system's keyring: %w", a.err)
		}
		return a.value, nil
	case <-time.After(keyringWait):
		return "", errKeyringSilent
	}
}
