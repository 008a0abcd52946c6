package pkcs11

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if IsWorker(os.Args) {
		WorkerMain()
	}
	os.Exit(m.Run())
}
