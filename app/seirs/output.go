package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// exitStatus ends the program with a status of its own. What it means has been
// written out already.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// writeOutput lets write fill the file at path, beside it until it is whole. An
// existing file is replaced only when that was asked for.
func writeOutput(path string, replace bool, write func(io.Writer) error) (err error) {
	if path == "" {
		return sei.Errorf(sei.CodeInvalid, "Informe o arquivo de saída com -o.")
	}
	if _, err := os.Lstat(path); !replace && !errors.Is(err, fs.ErrNotExist) {
		return sei.Errorf(sei.CodeConflict, "O arquivo %s já existe. Escolha outro nome ou use --force para substituí-lo.", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".seirs-*")
	if err != nil {
		return sei.Wrap(err, sei.CodeInvalid, fmt.Sprintf("Não foi possível gravar em %s: %v.", filepath.Dir(path), err))
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// openInput opens a file that was named on the command line.
func openInput(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não foi possível abrir %s. Confira o nome e a permissão.", path))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = sei.Errorf(sei.CodeInvalid, "%s não é um arquivo.", path)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}
