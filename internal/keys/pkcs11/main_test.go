package pkcs11

import (
	"fmt"
	"os"
	"testing"
)

// scratch holds what the tests build once: the token and the faulty driver.
var scratch string

func TestMain(m *testing.M) {
	if IsWorker(os.Args) {
		WorkerMain()
	}
	var err error
	if scratch, err = os.MkdirTemp("", "pkcs11"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(code)
}
