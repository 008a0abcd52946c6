package central

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const lockFile = "central.lock"

// errHeld says that another process holds the lock.
var errHeld = errors.New("held by another process")

// Hold takes the folder for the one central that serves from it, until it is
// closed or the process ends. Attempts, hints, the order of acceptances and the
// clearing of files are kept in one process: a second one on the same folder is
// refused with sei.CodeConflict. Administrative acts need no hold; the database
// orders them.
func Hold(folder string) (io.Closer, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	held, err := hold(filepath.Join(folder, lockFile))
	if errors.Is(err, errHeld) {
		return nil, sei.Wrap(err, sei.CodeConflict, fmt.Sprintf(
			"Já há uma central em serviço na pasta %s. Encerre-a antes, ou escolha outra pasta com --data.", folder))
	}
	return held, err
}
