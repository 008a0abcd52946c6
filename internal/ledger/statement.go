package ledger

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// BackupStatement is the central's word that a backup holds everything it had
// answered before Until and its log up to Size. It is bound to the checkpoint of
// that size by its root. With it, a desk need not keep any longer what it would
// give back.
type BackupStatement struct {
	Form    int    `json:"form"` // of this structure, 1
	Central string `json:"central"`
	// Until is the acceptance time of the last answer in the backup: every answer
	// given before it is there. Times of acceptance never go back, so that an
	// answer at Until itself may have come after the backup.
	Until time.Time `json:"until"`
	Size  int64     `json:"size"`
	Root  Hash      `json:"root"`
	At    time.Time `json:"at"` // when the backup was made
}

// Covers says whether an answer given at that time is in the backup.
func (b BackupStatement) Covers(answered time.Time) bool { return answered.Before(b.Until) }

// RecoveryStatement is the central's word that it was restored from a backup. It
// is signed anew when the recovery ends.
type RecoveryStatement struct {
	Form    int    `json:"form"` // of this structure, 1
	Central string `json:"central"`
	// ID is random: messages of one recovery are worth nothing in another.
	ID    string    `json:"id"`
	Open  bool      `json:"open"`  // what was lost is still taken back
	Since time.Time `json:"since"` // of the restore
	// Backup is when the backup was made and Until the last answer in it.
	Backup time.Time `json:"backup"`
	Until  time.Time `json:"until"`
	Size   int64     `json:"size"` // of the log in the backup
	// Finished is when the recovery was closed. Places from FirstLost on of the log
	// that was signed before the loss may hold another event now; 0: none does, and
	// every checkpoint signed before is still consistent.
	Finished  time.Time `json:"finished,omitzero"`
	FirstLost int64     `json:"firstLost,omitempty"`
	Lost      int64     `json:"lost,omitempty"` // places whose event nobody gave back
}

// Had says whether an answer given at that time is certainly in the backup.
func (r RecoveryStatement) Had(answered time.Time) bool { return answered.Before(r.Until) }

// Explains says why a checkpoint of that size, signed before the loss, need not be
// the beginning of the log any more.
func (r RecoveryStatement) Explains(size int64) bool {
	if r.Open {
		return size > r.Size
	}
	return r.FirstLost != 0 && size >= r.FirstLost
}

// SealStatement signs a statement of the given type.
func SealStatement(key ed25519.PrivateKey, typ string, statement any) (Sealed, error) {
	data, err := json.Marshal(statement)
	if err != nil {
		return Sealed{}, fmt.Errorf("encoding a statement: %w", err)
	}
	return Seal(key, typ, data), nil
}

// OpenBackup verifies a statement about a backup.
func OpenBackup(pub ed25519.PublicKey, s Sealed) (BackupStatement, error) {
	var b BackupStatement
	if err := openStatement(pub, s, TypeBackup, &b); err != nil {
		return BackupStatement{}, err
	}
	if b.Form != 1 || b.Central == "" || b.Size < 0 || b.Size > MaxLogSize {
		return BackupStatement{}, errors.New("the statement about a backup is malformed")
	}
	return b, nil
}

// OpenRecovery verifies a statement about a recovery.
func OpenRecovery(pub ed25519.PublicKey, s Sealed) (RecoveryStatement, error) {
	var r RecoveryStatement
	if err := openStatement(pub, s, TypeRecovery, &r); err != nil {
		return RecoveryStatement{}, err
	}
	if r.Form != 1 || r.Central == "" || r.ID == "" || len(r.ID) > 64 || r.Size < 0 || r.Size > MaxLogSize || r.FirstLost < 0 || r.Lost < 0 {
		return RecoveryStatement{}, errors.New("the statement about a recovery is malformed")
	}
	return r, nil
}

func openStatement(pub ed25519.PublicKey, s Sealed, typ string, out any) error {
	if err := s.Verify(pub, typ); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	if err := json.Unmarshal(s.Payload, out); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	return nil
}

// CentralStream holds what the central records about itself. It belongs to no
// process.
const CentralStream = "central"

// The kinds of events of the central's own stream.
const (
	// KindPlaceLost stands at a place of the log whose event was lost with a
	// central and given back by nobody.
	KindPlaceLost = "log.place_lost"
	// KindRecovered closes a recovery; its payload is the RecoveryRecord.
	KindRecovered = "central.recovered"
)

// PlaceLost is the payload of KindPlaceLost.
type PlaceLost struct {
	Recovery string `json:"recovery"`
	// Hash is that of the lost header, where a receipt that was given back tells it.
	Hash *Hash `json:"hash,omitempty"`
}

// RecoveryRecord is the payload of KindRecovered.
type RecoveryRecord struct {
	Recovery  string    `json:"recovery"`
	Backup    time.Time `json:"backup"`
	Since     time.Time `json:"since"`
	Restored  int64     `json:"restored"` // acts that were taken back
	Lost      int64     `json:"lost"`     // places that stay without their event
	FirstLost int64     `json:"firstLost,omitempty"`
	Unplaced  int64     `json:"unplaced"` // acts that are kept as evidence only
}
