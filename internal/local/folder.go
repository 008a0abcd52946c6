package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	storesName = "stores"
	ownerName  = "owner.json"
)

func inUse() error {
	return sei.Errorf(CodeInUse, "Outra janela do SEI RS já está aberta com este usuário neste computador. Use aquela janela ou feche-a antes de abrir outra.")
}

func lockFailed(err error) error {
	return sei.Wrap(fmt.Errorf("holding the store: %w", err), sei.CodeUnavailable, "A pasta dos dados do programa não pode ser usada. Verifique a permissão e o espaço em disco.")
}

// Owner says whose store a folder is; it is readable without a password, so
// that the login screen can name the users of this workstation.
type Owner struct {
	CentralID   string     `json:"centralId"`
	CentralName string     `json:"centralName"`
	Address     string     `json:"address"` // of the central
	Training    bool       `json:"training"`
	User        sei.UserID `json:"user"`
	Agency      string     `json:"agency"` // acronym, as typed at login
	Login       string     `json:"login"`
	Name        string     `json:"name"`
}

// Known is a store found in a profile.
type Known struct {
	Owner
	Dir      string
	LastUsed time.Time
}

// Dir is the folder of a user's store under the program's folder in the local
// (never roaming) profile.
func Dir(profile, centralID string, user sei.UserID) string {
	sum := sha256.Sum256([]byte(centralID + "\x00" + string(user)))
	return filepath.Join(profile, storesName, hex.EncodeToString(sum[:10]))
}

// List finds the stores of a profile, the last used first. Folders that are
// not a store are passed over.
func List(profile string) ([]Known, error) {
	entries, err := os.ReadDir(filepath.Join(profile, storesName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the stores: %w", err)
	}
	var known []Known
	for _, e := range entries {
		dir := filepath.Join(profile, storesName, e.Name())
		data, err := os.ReadFile(filepath.Join(dir, ownerName))
		if err != nil {
			continue
		}
		k := Known{Dir: dir}
		if json.Unmarshal(data, &k.Owner) != nil || Dir(profile, k.CentralID, k.User) != dir {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, databaseName)); err == nil {
			k.LastUsed = info.ModTime()
		}
		known = append(known, k)
	}
	sortNewest(known)
	return known, nil
}

// SetAside renames the folder of a closed store whose password is lost, so that
// a new one can be made in its place and nothing is destroyed. It returns the
// new place.
func SetAside(dir string, now time.Time) (string, error) {
	to := dir + ".anterior-" + now.UTC().Format("20060102T150405")
	if err := os.Rename(dir, to); err != nil {
		return "", sei.Wrap(err, sei.CodeUnavailable, "Os dados anteriores não puderam ser postos de lado. Feche outras janelas do programa e tente de novo.")
	}
	return to, nil
}

// writeOwner replaces the owner file all at once.
func writeOwner(dir string, o Owner) error {
	data, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the owner: %w", err)
	}
	f, err := os.CreateTemp(dir, ownerName+".*")
	if err != nil {
		return fmt.Errorf("writing the owner: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, ownerName))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the owner: %w", err), os.Remove(f.Name()))
	}
	return nil
}
