package wincert

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestWindowsErrorsReadAsWhatHappened(t *testing.T) {
	cases := map[uint32]sei.Code{
		0x80100069: keys.CodeTokenRemoved,
		0x8010006B: keys.CodePINWrong,
		0x8010006C: keys.CodePINLocked,
		0x8010006E: keys.CodeCanceled,
		1223:       keys.CodeCanceled,
		0x80090016: keys.CodeKeyMissing,
		0x80090020: keys.CodeModuleFailed,
	}
	for number, want := range cases {
		err := explain(fmt.Errorf("signing: %w", syscall.Errno(number)))
		if sei.CodeOf(err) != want {
			t.Errorf("%#x: got %v, want %s", number, err, want)
		}
	}
	if err := explain(keys.ErrSessionEnded(errors.New("x"))); sei.CodeOf(err) != keys.CodeSessionEnded {
		t.Errorf("an error that is already explained became %v", err)
	}
}

func TestADialogThatNobodyAnswersIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answered := make(chan struct{})
		undone := make(chan int, 1)
		_, err := inTime(context.Background(), time.Minute, func() (int, error) { <-answered; return 7, nil }, func(n int) { undone <- n })
		if sei.CodeOf(err) != keys.CodeModuleTimeout {
			t.Errorf("got %v", err)
		}
		close(answered)
		if n := <-undone; n != 7 {
			t.Errorf("the late answer was not undone: %d", n)
		}
	})
}

func TestOtherSystemsHaveAnEmptyStore(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this is Windows")
	}
	s := New(Options{})
	if certs, err := s.Certificates(t.Context()); len(certs) != 0 || err != nil {
		t.Errorf("%v, %v", certs, err)
	}
	secret := keys.NewSecretString("1234")
	if _, err := s.Open(t.Context(), "x", secret); sei.CodeOf(err) != keys.CodeCertificateNotFound || !secret.Empty() {
		t.Errorf("got %v", err)
	}
}
