package central

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// CodeLoginWrong says that agency, user and password do not belong together;
// it never says which of them is wrong.
const CodeLoginWrong sei.Code = "login.wrong"

// CodePasswordFirst says that the password is a provisional one, known to who
// gave it: nothing is done under it but choosing another.
const CodePasswordFirst sei.Code = "password.change_first"

// Session is who asks, on which workstation.
type Session struct {
	User      sei.UserID
	Login     string
	Device    sei.DeviceID
	DeviceKey ed25519.PublicKey
	Epoch     int64
	Expires   time.Time
	token     []byte // SHA-256
}

func errLoginWrong() error {
	return sei.Errorf(CodeLoginWrong, "Órgão, usuário ou senha não conferem. Confira e tente de novo.")
}

func errUnauthenticated() error {
	return sei.Errorf(sei.CodeUnauthenticated, "Sua sessão terminou. Entre de novo para continuar.")
}

// newToken makes an opaque token of 256 bits and what is stored of it.
func newToken(random io.Reader) (token string, hash []byte, err error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", nil, fmt.Errorf("making a token: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashToken(token), nil
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// account is a user as the login needs it.
type account struct {
	wire.Person
	hash     string
	disabled bool
}

func findAccount(r reader, c *catalogue, agency, login string) (account, error) {
	var a account
	ag, ok := c.agencyByAcronym(agency)
	if !ok {
		return a, nil
	}
	var id string
	err := r.row("SELECT id, login, name, cpf, password_hash, must_change, disabled FROM users WHERE agency_id = ? AND login = ?",
		string(ag.ID), normalLogin(login)).Scan(&id, &a.Login, &a.Name, &a.CPF, &a.hash, &a.MustChangePassword, &a.disabled)
	if found, err := noRows(err); !found || err != nil {
		return account{}, err
	}
	a.ID, a.Agency = sei.UserID(id), ag.ID
	return a, nil
}

func normalLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// Login opens a session from address and enrols the workstation.
func (s *Service) Login(ctx context.Context, address string, req wire.LoginRequest) (wire.LoginResponse, error) {
	var resp wire.LoginResponse
	a, err := s.authenticate(ctx, address, req)
	if err != nil {
		return resp, err
	}
	info, err := s.Info(ctx)
	if err != nil {
		return resp, err
	}
	token, hash, err := newToken(s.cfg.Random)
	if err != nil {
		return resp, err
	}
	now := s.cfg.Clock().UTC()
	resp = wire.LoginResponse{Token: token, Expires: now.Add(s.cfg.SessionLife).Truncate(time.Second), User: a.Person, Central: info}
	err = s.commits.write(ctx, func(w *writer) error {
		if resp.Epoch, resp.PushToken, err = s.enrol(w, a, req, now); err != nil {
			return err
		}
		if err := w.exec("DELETE FROM sessions WHERE expires_at <= ?", micros(now)); err != nil {
			return err
		}
		if err := w.exec("INSERT INTO sessions (token_hash, user_id, device_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
			hash, string(a.ID), string(req.Device.ID), micros(now), micros(resp.Expires)); err != nil {
			return err
		}
		if err := audit(w, auditEntry{at: now, act: "login", user: a.ID, device: req.Device.ID}); err != nil {
			return err
		}
		resp.Units, err = s.memberUnits(w.reader, a.ID, now)
		return err
	})
	return resp, err
}

// authenticate checks the password; every way to fail has the same words.
func (s *Service) authenticate(ctx context.Context, address string, req wire.LoginRequest) (account, error) {
	key := strings.ToLower(strings.TrimSpace(req.Agency)) + "\n" + normalLogin(req.Login)
	if err := s.takeAttempt(key, address); err != nil {
		return account{}, err
	}
	var a account
	err := s.store.viewing(ctx, func(r reader) error {
		c, err := s.catalogueAt(r)
		if err == nil {
			a, err = findAccount(r, c, req.Agency, req.Login)
		}
		return err
	})
	if err != nil {
		return a, err
	}
	ok, err := s.passwords.matches(ctx, a.hash, req.Password)
	if err != nil {
		return a, err
	}
	if !ok || a.disabled {
		return a, s.refuseLogin(ctx, a, key, address)
	}
	return a, s.attemptSucceeded(ctx, key, address)
}

func (s *Service) takeAttempt(account, address string) error {
	if err := s.callers.take(address); err != nil {
		return err
	}
	return s.logins.take(account)
}

// attemptFailed writes a failed try down, before it is answered.
func (s *Service) attemptFailed(w *writer, key, address string) error {
	return errors.Join(s.logins.keep(w, key), s.callers.keep(w, address))
}

// attemptSucceeded gives the tries back.
func (s *Service) attemptSucceeded(ctx context.Context, key, address string) error {
	s.callers.release(address)
	if !s.logins.forget(key) {
		return nil
	}
	return s.commits.write(ctx, func(w *writer) error { return s.logins.drop(w, key) })
}

func (s *Service) refuseLogin(ctx context.Context, a account, key, address string) error {
	err := s.commits.write(ctx, func(w *writer) error {
		if err := s.attemptFailed(w, key, address); err != nil {
			return err
		}
		return audit(w, auditEntry{at: s.cfg.Clock(), act: "login", code: CodeLoginWrong, user: a.ID})
	})
	if err != nil {
		return err
	}
	return errLoginWrong()
}

func (s *Service) memberUnits(r reader, user sei.UserID, now time.Time) ([]wire.MemberUnit, error) {
	c, err := s.catalogueAt(r)
	if err != nil {
		return nil, err
	}
	actors, err := unitsOf(r, c, user, now)
	if err != nil {
		return nil, err
	}
	units := []wire.MemberUnit{}
	for _, a := range actors {
		units = append(units, wire.MemberUnit{Unit: c.Units[a.Unit], Profiles: a.Profiles})
	}
	return units, nil
}

// Authenticate finds the session of a token. Under a provisional password it is
// refused with CodePasswordFirst.
func (s *Service) Authenticate(ctx context.Context, token string) (Session, error) {
	ses, provisional, err := s.findSession(ctx, token)
	if err == nil && provisional {
		err = sei.Errorf(CodePasswordFirst, "A sua senha é provisória. Troque a senha para continuar.")
	}
	return ses, err
}

// authenticateAny takes a session under a provisional password too: only for
// changing it and for leaving.
func (s *Service) authenticateAny(ctx context.Context, token string) (Session, error) {
	ses, _, err := s.findSession(ctx, token)
	return ses, err
}

func (s *Service) findSession(ctx context.Context, token string) (ses Session, provisional bool, err error) {
	ses.token = hashToken(token)
	if token == "" {
		return ses, false, errUnauthenticated()
	}
	var user, device string
	var key []byte
	var expires int64
	err = s.store.viewing(ctx, func(r reader) error {
		return r.row(`SELECT s.user_id, u.login, u.must_change, s.device_id, d.public_key, d.epoch, s.expires_at
			FROM sessions s JOIN users u ON u.id = s.user_id JOIN devices d ON d.id = s.device_id
			WHERE s.token_hash = ? AND NOT u.disabled`, ses.token).Scan(&user, &ses.Login, &provisional, &device, &key, &ses.Epoch, &expires)
	})
	found, err := noRows(err)
	if err != nil {
		return ses, false, fmt.Errorf("looking for a session: %w", err)
	}
	ses.User, ses.Device, ses.Expires = sei.UserID(user), sei.DeviceID(device), fromMicros(expires)
	if !found || !s.cfg.Clock().Before(ses.Expires) {
		return ses, false, errUnauthenticated()
	}
	ses.DeviceKey, err = deviceKey(key)
	return ses, provisional, err
}

// Logout ends a session.
func (s *Service) Logout(ctx context.Context, ses Session) error {
	return s.commits.write(ctx, func(w *writer) error {
		return w.exec("DELETE FROM sessions WHERE token_hash = ?", ses.token)
	})
}

// ChangePassword replaces the user's password and ends the other sessions.
func (s *Service) ChangePassword(ctx context.Context, ses Session, address string, req wire.ChangePassword) error {
	if err := s.checkPassword(ctx, ses, address, req.Old, errLoginWrong); err != nil {
		return err
	}
	if err := checkNewPassword(ses.Login, req.New); err != nil {
		return err
	}
	if req.New == req.Old {
		return sei.Errorf(CodeWeakPassword, "A nova senha deve ser diferente da atual.")
	}
	hash, err := s.passwords.hash(ctx, req.New)
	if err != nil {
		return err
	}
	return s.commits.write(ctx, func(w *writer) error {
		if err := w.exec("UPDATE users SET password_hash = ?, must_change = ? WHERE id = ?", hash, false, string(ses.User)); err != nil {
			return err
		}
		if err := w.exec("DELETE FROM sessions WHERE user_id = ? AND token_hash <> ?", string(ses.User), ses.token); err != nil {
			return err
		}
		return audit(w, auditEntry{at: s.cfg.Clock(), act: "password", user: ses.User, device: ses.Device})
	})
}

// checkPassword checks the password of a session's own user, limited like a
// login; wrong is the refusal's words.
func (s *Service) checkPassword(ctx context.Context, ses Session, address, password string, wrong func() error) error {
	key := "user\n" + string(ses.User)
	if err := s.takeAttempt(key, address); err != nil {
		return err
	}
	var hash string
	err := s.store.viewing(ctx, func(r reader) error {
		return r.row("SELECT password_hash FROM users WHERE id = ? AND NOT disabled", string(ses.User)).Scan(&hash)
	})
	if found, err := noRows(err); err != nil {
		return err
	} else if !found {
		return errUnauthenticated()
	}
	ok, err := s.passwords.matches(ctx, hash, password)
	if err != nil {
		return err
	}
	if !ok {
		err := s.commits.write(ctx, func(w *writer) error {
			if err := s.attemptFailed(w, key, address); err != nil {
				return err
			}
			return audit(w, auditEntry{at: s.cfg.Clock(), act: "password-check", code: CodePasswordWrong, user: ses.User, device: ses.Device})
		})
		if err != nil {
			return err
		}
		return wrong()
	}
	return s.attemptSucceeded(ctx, key, address)
}
