package pkcs11

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	if IsWorker(os.Args) {
		WorkerMain()
	}
	code := m.Run()
	if built, err := faultyModule(); err == nil {
		_ = os.RemoveAll(filepath.Dir(built))
	}
	os.Exit(code)
}
