// Package wincert signs with the certificates of the Windows store of the
// current user: tokens with a Windows driver (minidriver or CSP) and installed
// A1 certificates. Windows itself asks for the PIN, so Open takes no secret. On
// other systems the store is there and empty.
package wincert

import (
	"context"
	"errors"
	"runtime"
	"syscall"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Name is the store's name.
const Name = "windows"

// Options set a Store's bounds; zero values mean the defaults.
type Options struct {
	ListTimeout time.Duration // listing; default 20 s
	SignTimeout time.Duration // opening and one signature, with the servant at Windows' PIN dialog; default 3 min
	Limits      keys.Limits   // of a session
}

// Store is the current user's personal certificate store.
type Store struct{ opts Options }

var _ keys.Keystore = (*Store)(nil)

// New makes the store; nothing is opened yet.
func New(opts Options) *Store {
	if opts.ListTimeout <= 0 {
		opts.ListTimeout = 20 * time.Second
	}
	if opts.SignTimeout <= 0 {
		opts.SignTimeout = 3 * time.Minute
	}
	return &Store{opts: opts}
}

// Name implements keys.Keystore.
func (s *Store) Name() string { return Name }

// inTime runs a call into the system that cannot be interrupted: at the end of
// ctx or after limit it is left behind, and late undoes what it still brings.
func inTime[T any](ctx context.Context, limit time.Duration, call func() (T, error), late func(T)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var none T
	if ctx.Err() != nil {
		return none, ended(ctx)
	}
	type result struct {
		value T
		err   error
	}
	results := make(chan result) // unbuffered: a result is either taken or late
	go func() {
		runtime.LockOSThread() // CryptoAPI dialogs belong to a thread
		defer runtime.UnlockOSThread()
		value, err := call()
		select {
		case results <- result{value, err}:
		case <-ctx.Done():
			if err == nil && late != nil {
				late(value)
			}
		}
	}()
	select {
	case r := <-results:
		if r.err != nil {
			return none, explain(r.err)
		}
		return r.value, nil
	case <-ctx.Done():
		return none, ended(ctx)
	}
}

func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return sei.Wrap(ctx.Err(), keys.CodeModuleTimeout, "O Windows não respondeu a tempo. Veja se há uma janela do Windows pedindo o PIN, responda ou cancele, e tente de novo.")
	}
	return keys.ErrCanceled(ctx.Err())
}

func failed(err error) error {
	return sei.Wrap(err, keys.CodeModuleFailed, "O Windows não conseguiu usar os certificados instalados. Reconecte o token e tente de novo; se repetir, avise o suporte.")
}

// Error codes of Windows (winerror.h) that the servant can do something about.
const (
	scardRemoved     = 0x80100069 // SCARD_W_REMOVED_CARD
	scardNoCard      = 0x8010000C // SCARD_E_NO_SMARTCARD
	scardNoReader    = 0x8010002E // SCARD_E_NO_READERS_AVAILABLE
	scardReset       = 0x80100068 // SCARD_W_RESET_CARD
	scardWrongPIN    = 0x8010006B // SCARD_W_WRONG_CHV
	scardPINBlocked  = 0x8010006C // SCARD_W_CHV_BLOCKED
	scardCanceled    = 0x8010006E // SCARD_W_CANCELLED_BY_USER
	scardCanceled2   = 0x80100002 // SCARD_E_CANCELLED
	nteUserCanceled  = 0x80090036 // NTE_USER_CANCELLED
	errorCanceled    = 1223       // ERROR_CANCELLED
	nteBadKeyset     = 0x80090016 // NTE_BAD_KEYSET
	nteNoKey         = 0x8009000D // NTE_NO_KEY
	cryptNoKey       = 0x8009200B // CRYPT_E_NO_KEY_PROPERTY
	nteKeysetNotHere = 0x80090019 // NTE_KEYSET_NOT_DEF
)

// explain makes the servant's error of a Windows error.
func explain(err error) error {
	var known *sei.Error
	if errors.As(err, &known) {
		return err
	}
	var number syscall.Errno
	if !errors.As(err, &number) {
		return failed(err)
	}
	switch uint32(number) {
	case scardRemoved, scardNoCard, scardNoReader, scardReset:
		return keys.ErrTokenRemoved(err)
	case scardWrongPIN:
		return keys.ErrPINWrong("", err)
	case scardPINBlocked:
		return keys.ErrPINLocked(err)
	case scardCanceled, scardCanceled2, nteUserCanceled, errorCanceled:
		return keys.ErrCanceled(err)
	case nteBadKeyset, nteNoKey, cryptNoKey, nteKeysetNotHere:
		return sei.Wrap(err, keys.CodeKeyMissing, "A chave deste certificado não está neste computador. Conecte o token do certificado ou escolha outro.")
	}
	return failed(err)
}
