package pkcs11

import (
	"errors"
	"testing"
)

func TestADriversProcessNeverStartsAnother(t *testing.T) {
	t.Setenv(workerMark, "1")
	if _, err := startChild("/nonexistent.so", nil); !errors.Is(err, errWorkerNotAsked) {
		t.Errorf("a second generation was started: %v", err)
	}
}
