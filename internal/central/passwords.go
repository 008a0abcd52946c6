package central

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// PasswordCost are the parameters of argon2id (RFC 9106).
type PasswordCost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultPasswordCost is what RFC 9106 recommends where memory is short.
var DefaultPasswordCost = PasswordCost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4}

const (
	passwordSalt   = 16 // bytes
	passwordKey    = 32 // bytes
	minPassword    = 10 // characters
	maxPassword    = 200
	hashesAtOnce   = 2 // each takes the memory of its cost
	maxStoredCost  = 1 << 20
	passwordScheme = "$argon2id$v=19$m=%d,t=%d,p=%d$"
)

// CodeWeakPassword is a new password that is too easy to guess.
const CodeWeakPassword sei.Code = "password.weak"

// passwordHasher makes and checks stored passwords, a few at a time.
type passwordHasher struct {
	cost   PasswordCost
	random io.Reader
	slots  chan struct{}
	// nobody is checked when there is no such user, so that an answer takes as
	// long whether or not the user exists.
	nobody string
}

func newPasswordHasher(cost PasswordCost, random io.Reader) *passwordHasher {
	h := &passwordHasher{cost: cost, random: random, slots: make(chan struct{}, hashesAtOnce)}
	h.nobody = h.encode(make([]byte, passwordSalt), make([]byte, passwordKey))
	return h
}

func (h *passwordHasher) encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf(passwordScheme, h.cost.MemoryKiB, h.cost.Passes, h.cost.Lanes) + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

func (h *passwordHasher) turn(ctx context.Context) (done func(), err error) {
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash gives the stored form of a new password.
func (h *passwordHasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, passwordSalt)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("reading a salt: %w", err)
	}
	return h.encode(salt, argon2.IDKey([]byte(password), salt, h.cost.Passes, h.cost.MemoryKiB, h.cost.Lanes, passwordKey)), nil
}

// matches checks a password against its stored form; "" stands for no such user.
func (h *passwordHasher) matches(ctx context.Context, stored, password string) (bool, error) {
	if len(password) > 4*maxPassword {
		return false, nil
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	exists := stored != ""
	if !exists {
		stored = h.nobody
	}
	cost, salt, key, err := decodePassword(stored)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(password), salt, cost.Passes, cost.MemoryKiB, cost.Lanes, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1 && exists, nil
}

func decodePassword(stored string) (cost PasswordCost, salt, key []byte, err error) {
	if _, err = fmt.Sscanf(stored, passwordScheme, &cost.MemoryKiB, &cost.Passes, &cost.Lanes); err != nil {
		return cost, nil, nil, fmt.Errorf("reading a stored password: %w", err)
	}
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || cost.MemoryKiB > maxStoredCost || cost.Passes == 0 || cost.Passes > 100 || cost.Lanes == 0 {
		return cost, nil, nil, fmt.Errorf("a stored password has an unknown form")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return cost, nil, nil, fmt.Errorf("reading a stored password: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) < 16 {
		return cost, nil, nil, fmt.Errorf("a stored password has no usable key")
	}
	return cost, salt, key, nil
}

// checkNewPassword refuses what is too short, too long, or the user's own login.
func checkNewPassword(login, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return sei.Errorf(CodeWeakPassword, "A nova senha deve ter ao menos %d caracteres.", minPassword)
	case n > maxPassword:
		return sei.Errorf(CodeWeakPassword, "A nova senha passa de %d caracteres.", maxPassword)
	case strings.Contains(foldText(password), foldText(login)):
		return sei.Errorf(CodeWeakPassword, "A nova senha não pode conter o nome de usuário.")
	case strings.Count(password, string([]rune(password)[0])) == n:
		return sei.Errorf(CodeWeakPassword, "A nova senha não pode repetir um só caractere.")
	}
	return nil
}
