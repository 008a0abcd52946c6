package local

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// The first tries are free; then each one doubles the wait.
const (
	freeTries      = 3
	maxWait        = time.Minute
	keyringService = "SEI RS Desktop"
	// DefaultOfflineDays is how long a vault opens without a login when the
	// central did not say.
	DefaultOfflineDays = 15
)

// PasswordCost is the cost of argon2id (RFC 9106) for one vault.
type PasswordCost struct {
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

// shippedKDF is RFC 9106's second recommended choice: about 0.1 s on an office
// machine.
var shippedKDF = PasswordCost{Time: 3, Memory: 64 << 10, Threads: 4}

// check refuses costs with which a tampered file would take the machine down.
func (k PasswordCost) check() error {
	if k.Time < 1 || k.Time > 20 || k.Memory < 8 || k.Memory > 1<<20 || k.Threads < 1 || k.Threads > 16 {
		return damaged(fmt.Errorf("argon2id cost %+v", k))
	}
	return nil
}

// vault is the data key under its wrappings.
type vault struct {
	Form     int          `json:"form"`
	KDF      PasswordCost `json:"kdf"`
	Salt     []byte       `json:"salt"`
	Password []byte       `json:"password"`          // data key under the password
	Keyring  []byte       `json:"keyring,omitempty"` // and under the keyring's key
	Account  string       `json:"account,omitempty"` // in the keyring
}

// tries are the wrong passwords in a row.
type tries struct {
	Wrong int       `json:"wrong"`
	Last  time.Time `json:"last"`
}

// online is when the central last vouched for the user.
type online struct {
	Last time.Time `json:"last"`
	Days int       `json:"days"`
	Seen time.Time `json:"seen"` // latest time ever seen, against a clock set back
}

// Keyring keeps a secret under the operating system's own protection. Get
// fails when there is none.
type Keyring interface {
	Get(service, account string) (string, error)
	Set(service, account, secret string) error
	Delete(service, account string) error
}

// Created says whether the store has a vault yet.
func (s *Store) Created(ctx context.Context) (bool, error) {
	var v vault
	return fact(ctx, s.r, factVault, &v)
}

// Create makes the vault of a new store after the first login, stores who and
// what the login gave, and leaves the store unlocked. It gives sei.CodeConflict
// when there is a vault already.
func (s *Store) Create(ctx context.Context, password string, device DeviceIdentity, owner Owner, login wire.LoginResponse) error {
	data := make([]byte, keySize)
	if _, err := io.ReadFull(s.opts.Random, data); err != nil {
		return fmt.Errorf("making the data key: %w", err)
	}
	v, err := s.wrap(vault{}, data, password)
	if err != nil {
		return err
	}
	if created, err := s.Created(ctx); err != nil || created {
		return errors.Join(err, sei.Errorf(sei.CodeConflict, "Este computador já tem dados deste usuário."))
	}
	if err := writeOwner(s.dir, owner); err != nil {
		return err
	}
	if err := s.take(data); err != nil {
		return err
	}
	err = s.write(ctx, "creating the vault", func(tx *sql.Tx) error {
		if err := setFact(ctx, tx, factVault, v); err != nil {
			return err
		}
		d := deviceFact{ID: device.ID, Private: device.private, Epoch: login.Epoch, PushToken: login.PushToken}
		if err := s.setSealedFact(ctx, tx, factDevice, d); err != nil {
			return err
		}
		return s.acceptLogin(ctx, tx, login)
	})
	if err != nil {
		s.Lock()
	}
	return err
}

// Unlock opens the vault without the central. It gives [CodeWrongPassword],
// [CodeWait] after several wrong ones, and [CodeOfflineExpired] when the last
// login is too long ago.
func (s *Store) Unlock(ctx context.Context, password string) error {
	data, err := s.try(ctx, password)
	if err != nil {
		return err
	}
	return s.unlockOffline(ctx, data)
}

// UnlockAfterLogin opens the vault when the central has just accepted the same
// password, and stores what the login gave. A wrong password here means that
// it was changed elsewhere: ask for the old one, [Store.Unlock], then [Store.Rewrap].
func (s *Store) UnlockAfterLogin(ctx context.Context, password string, login wire.LoginResponse) error {
	data, err := s.try(ctx, password)
	if err != nil {
		return err
	}
	if err := s.take(data); err != nil {
		return err
	}
	return s.LoggedIn(ctx, login)
}

// UnlockWithKeyring opens the vault with the key that [Store.EnableKeyring]
// left with the operating system; it gives [CodeNoKeyring] when there is none.
func (s *Store) UnlockWithKeyring(ctx context.Context, ring Keyring) error {
	var v vault
	if ok, err := fact(ctx, s.r, factVault, &v); err != nil || !ok || v.Keyring == nil {
		return errors.Join(err, noKeyring(errors.New("the vault has no keyring wrapping")))
	}
	secret, err := ring.Get(keyringService, v.Account)
	if err != nil {
		return noKeyring(err)
	}
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || len(key) != keySize {
		return noKeyring(errors.New("malformed secret"))
	}
	data, err := unwrap(key, "keyring", v.Keyring)
	if err != nil {
		return noKeyring(err)
	}
	return s.unlockOffline(ctx, data)
}

func noKeyring(err error) error {
	return sei.Wrap(err, CodeNoKeyring, "O sistema não guarda a chave destes dados. Digite a sua senha.")
}

// unlockOffline takes the key and gives it up again if the central has not
// vouched for the user lately.
func (s *Store) unlockOffline(ctx context.Context, data []byte) error {
	if err := s.take(data); err != nil {
		return err
	}
	var o online
	err := s.write(ctx, "unlocking", func(tx *sql.Tx) error {
		if _, err := s.sealedFact(ctx, tx, factOnline, &o); err != nil {
			return err
		}
		// Kept also when the answer is no, or setting the clock back would turn it.
		if now := s.opts.Now(); now.After(o.Seen) {
			o.Seen = now
		}
		return s.setSealedFact(ctx, tx, factOnline, o)
	})
	if err == nil && o.Seen.Sub(o.Last) > time.Duration(o.Days)*24*time.Hour {
		err = sei.Errorf(CodeOfflineExpired, "Faz mais de %d dias que você não entra com conexão. Conecte-se à rede e entre com a sua senha; o que está guardado aqui não foi perdido.", o.Days)
	}
	if err != nil {
		s.Lock()
	}
	return err
}

// Lock forgets the key. Files that are open stay readable until closed.
func (s *Store) Lock() {
	s.vaultMu.Lock()
	defer s.vaultMu.Unlock()
	if s.open == nil {
		return
	}
	clear(s.open.data)
	s.open = nil
}

// Unlocked says whether the key is in memory.
func (s *Store) Unlocked() bool {
	_, err := s.unlocked()
	return err == nil
}

// Rewrap protects the unlocked vault with a new password.
func (s *Store) Rewrap(ctx context.Context, password string) error {
	data, err := s.dataKey()
	if err != nil {
		return err
	}
	defer clear(data)
	return s.write(ctx, "changing the password", func(tx *sql.Tx) error {
		var v vault
		if ok, err := fact(ctx, tx, factVault, &v); err != nil || !ok {
			return errors.Join(err, errors.New("no vault"))
		}
		if v, err = s.wrap(v, data, password); err != nil {
			return err
		}
		return errors.Join(setFact(ctx, tx, factVault, v), setFact(ctx, tx, factTries, tries{}))
	})
}

// EnableKeyring lets the operating system's session open the vault.
func (s *Store) EnableKeyring(ctx context.Context, ring Keyring) error {
	data, err := s.dataKey()
	if err != nil {
		return err
	}
	defer clear(data)
	key := make([]byte, keySize)
	if _, err := io.ReadFull(s.opts.Random, key); err != nil {
		return fmt.Errorf("making the keyring's key: %w", err)
	}
	wrapped, err := s.wrapKey(key, "keyring", data)
	if err != nil {
		return err
	}
	account := filepath.Base(s.dir)
	if err := ring.Set(keyringService, account, base64.StdEncoding.EncodeToString(key)); err != nil {
		return noKeyring(err)
	}
	return s.changeVault(ctx, func(v *vault) { v.Keyring, v.Account = wrapped, account })
}

// DisableKeyring asks for the password again from now on.
func (s *Store) DisableKeyring(ctx context.Context, ring Keyring) error {
	account := ""
	err := s.changeVault(ctx, func(v *vault) { account, v.Keyring, v.Account = v.Account, nil, "" })
	if err != nil || account == "" {
		return err
	}
	if err := ring.Delete(keyringService, account); err != nil {
		return fmt.Errorf("deleting the keyring's key, which opens nothing any more: %w", err)
	}
	return nil
}

func (s *Store) changeVault(ctx context.Context, change func(*vault)) error {
	return s.write(ctx, "changing the vault", func(tx *sql.Tx) error {
		var v vault
		if ok, err := fact(ctx, tx, factVault, &v); err != nil || !ok {
			return errors.Join(err, errors.New("no vault"))
		}
		change(&v)
		return setFact(ctx, tx, factVault, v)
	})
}

// try unwraps the data key, counting wrong passwords on the disk before the
// answer is given, so that ending the program does not help guessing.
func (s *Store) try(ctx context.Context, password string) ([]byte, error) {
	var v vault
	var t tries
	err := s.write(ctx, "trying the password", func(tx *sql.Tx) error {
		if ok, err := fact(ctx, tx, factVault, &v); err != nil || !ok {
			return errors.Join(err, sei.Errorf(sei.CodeNotFound, "Ainda não há dados deste usuário neste computador. Entre com conexão na primeira vez."))
		}
		if _, err := fact(ctx, tx, factTries, &t); err != nil {
			return err
		}
		if left := t.wait(s.opts.Now()); left > 0 {
			return sei.Errorf(CodeWait, "Houve várias tentativas com senha errada. Espere %d segundos e tente de novo.", int(left.Seconds()+0.999))
		}
		t.Wrong, t.Last = t.Wrong+1, s.opts.Now()
		return setFact(ctx, tx, factTries, t)
	})
	if err != nil {
		return nil, err
	}
	if err := v.KDF.check(); err != nil {
		return nil, err
	}
	data, err := unwrap(v.passwordKey(password), "password", v.Password)
	if err != nil {
		return nil, sei.Wrap(err, CodeWrongPassword, "A senha não confere. Se ela foi trocada em outro computador, entre com conexão.")
	}
	err = s.write(ctx, "forgetting wrong passwords", func(tx *sql.Tx) error { return setFact(ctx, tx, factTries, tries{}) })
	return data, err
}

// wait is how long the next try must still wait at now.
func (t tries) wait(now time.Time) time.Duration {
	over := t.Wrong - freeTries
	if over < 0 {
		return 0
	}
	delay := maxWait
	if over < 6 {
		delay = time.Second << over
	}
	since := now.Sub(t.Last)
	if since < 0 { // the clock was set back; do not lock the user out for longer
		since = 0
	}
	return delay - since
}

// take keeps the data key for the methods that need it.
func (s *Store) take(data []byte) error {
	rowKey, err := deriveKey(data, "rows")
	if err != nil {
		return err
	}
	k := &secrets{data: data}
	if k.rows, err = newAEAD(rowKey); err != nil {
		return err
	}
	if k.texts, err = deriveKey(data, "texts"); err != nil {
		return err
	}
	if s.opts.OpenBlobs != nil {
		blobKey, err := deriveKey(data, "blobs")
		if err != nil {
			return err
		}
		if k.blobs, err = s.opts.OpenBlobs(filepath.Join(s.dir, blobsName), blobKey); err != nil {
			return fmt.Errorf("opening the store of files: %w", err)
		}
	}
	s.vaultMu.Lock()
	s.open = k
	s.vaultMu.Unlock()
	return nil
}

// wrap puts the data key under a password with a new salt.
func (s *Store) wrap(v vault, data []byte, password string) (vault, error) {
	if password == "" {
		return v, sei.Errorf(sei.CodeInvalid, "Digite a senha.")
	}
	v.Form, v.KDF, v.Salt = 1, s.opts.Passwords, make([]byte, 16)
	if v.KDF == (PasswordCost{}) {
		v.KDF = shippedKDF
	}
	if _, err := io.ReadFull(s.opts.Random, v.Salt); err != nil {
		return v, fmt.Errorf("making a salt: %w", err)
	}
	wrapped, err := s.wrapKey(v.passwordKey(password), "password", data)
	v.Password = wrapped
	return v, err
}

func (v vault) passwordKey(password string) []byte {
	return argon2.IDKey([]byte(password), v.Salt, v.KDF.Time, v.KDF.Memory, v.KDF.Threads, keySize)
}

func (s *Store) wrapKey(key []byte, by string, data []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return sealBytes(s.opts.Random, aead, place("vault", by), data)
}

func unwrap(key []byte, by string, wrapped []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	data, err := openBytes(aead, place("vault", by), wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrapping with the %s: %w", by, err)
	}
	if len(data) != keySize {
		return nil, errors.New("the data key has a wrong length")
	}
	return data, nil
}
