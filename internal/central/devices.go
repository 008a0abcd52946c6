package central

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// CodeStaleDevice says that the workstation shows an old push token, or an old
// epoch: it was restored from an old copy and must begin a new epoch.
const CodeStaleDevice sei.Code = "device.stale"

const (
	maxDeviceName    = 100
	maxDevicesOfUser = 50
)

func errStaleDevice() error {
	return sei.Errorf(CodeStaleDevice, "Os dados desta estação foram restaurados de uma cópia antiga. Ela vai se registrar de novo na central; nada se perde.")
}

// enrol makes the workstation known, or finds it known already with the same
// key and user. The push token is given at the first enrolment only.
func (s *Service) enrol(w *writer, a account, req wire.LoginRequest, now time.Time) (epoch int64, token string, err error) {
	d := req.Device
	if err := s.checkEnrolment(d, req.Login); err != nil {
		return 0, "", err
	}
	var user string
	var key []byte
	err = w.row("SELECT user_id, public_key, epoch FROM devices WHERE id = ?", string(d.ID)).Scan(&user, &key, &epoch)
	found, err := noRows(err)
	switch {
	case err != nil:
		return 0, "", fmt.Errorf("looking for a workstation: %w", err)
	case found && (user != string(a.ID) || subtle.ConstantTimeCompare(key, d.Public) != 1):
		return 0, "", sei.Errorf(sei.CodeConflict, "Esta estação já está registrada com outro usuário ou outra chave. Use um perfil novo do programa.")
	case found:
		return epoch, "", nil
	}
	var count int
	if err := w.row("SELECT COUNT(*) FROM devices WHERE user_id = ?", string(a.ID)).Scan(&count); err != nil {
		return 0, "", fmt.Errorf("counting workstations: %w", err)
	}
	if count >= maxDevicesOfUser {
		return 0, "", sei.Errorf(sei.CodeTooMany, "Este usuário já tem %d estações registradas. Peça ao administrador que remova as antigas.", maxDevicesOfUser)
	}
	token, hash, err := newToken(s.cfg.Random)
	if err != nil {
		return 0, "", err
	}
	name := []rune(strings.TrimSpace(d.Name))
	return 1, token, w.exec(`INSERT INTO devices (id, user_id, public_key, name, epoch, push_current, push_previous, enrolled_at)
		VALUES (?, ?, ?, ?, 1, ?, ?, ?)`, string(d.ID), string(a.ID), []byte(d.Public), string(name[:min(len(name), maxDeviceName)]), hash, hash, micros(now))
}

// checkEnrolment proves that who enrols the key holds it.
func (s *Service) checkEnrolment(d wire.DeviceEnrolment, login string) error {
	if _, err := protocol.ParseID(string(d.ID)); err != nil {
		return sei.Wrap(err, sei.CodeInvalid, "A identificação desta estação de trabalho não é válida. Atualize o programa.")
	}
	key, err := deviceKey(d.Public)
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, wire.EnrolmentProofMessage(s.id, login, d.ID), d.Proof) {
		return sei.Errorf(sei.CodeForbidden, "A estação de trabalho não provou ter a chave que apresentou. Atualize o programa.")
	}
	return nil
}

// NewEpoch begins a new life of a workstation that was restored from an old
// copy. Numbers it had not used are explained as lost.
func (s *Service) NewEpoch(ctx context.Context, ses Session) (wire.EpochResponse, error) {
	var resp wire.EpochResponse
	err := s.commits.write(ctx, func(w *writer) error {
		token, hash, err := newToken(s.cfg.Random)
		if err != nil {
			return err
		}
		if err := w.exec("UPDATE devices SET epoch = epoch + 1, push_current = ?, push_previous = ? WHERE id = ?", hash, hash, string(ses.Device)); err != nil {
			return err
		}
		resp.PushToken = token
		if err := w.row("SELECT epoch FROM devices WHERE id = ?", string(ses.Device)).Scan(&resp.Epoch); err != nil {
			return fmt.Errorf("reading the epoch: %w", err)
		}
		if err := w.exec("UPDATE leased_numbers SET state = ?, at = ? WHERE device_id = ? AND state = ?",
			numberLost, micros(s.now()), string(ses.Device), numberLeased); err != nil {
			return err
		}
		return audit(w, auditEntry{at: s.cfg.Clock(), act: "epoch", user: ses.User, device: ses.Device})
	})
	return resp, err
}

// rotateToken checks the workstation's push token and gives the next one. The
// one before is good once more, in case the answer gets lost; it is answered with
// the same next token as the first time, so that a copy of a push that the network
// delivers late takes the token away from nobody.
func (s *Service) rotateToken(w *writer, ses Session, token string) (string, error) {
	var current, previous []byte
	var epoch int64
	if err := w.row("SELECT push_current, push_previous, epoch FROM devices WHERE id = ?", string(ses.Device)).Scan(&current, &previous, &epoch); err != nil {
		return "", fmt.Errorf("reading a workstation: %w", err)
	}
	shown := hashToken(token)
	isCurrent := subtle.ConstantTimeCompare(shown, current) == 1
	if !isCurrent && subtle.ConstantTimeCompare(shown, previous) != 1 {
		return "", errStaleDevice()
	}
	next := s.nextToken(ses.Device, epoch, token)
	return next, w.exec("UPDATE devices SET push_current = ?, push_previous = ? WHERE id = ?", hashToken(next), shown, string(ses.Device))
}

// nextToken follows from the token shown and from a secret of the central alone:
// whoever knows one token does not know the next.
func (s *Service) nextToken(device sei.DeviceID, epoch int64, token string) string {
	mac := hmac.New(sha256.New, s.key.Seed())
	fmt.Fprintf(mac, "seirs push token\n%s\n%d\n%s", device, epoch, token)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
