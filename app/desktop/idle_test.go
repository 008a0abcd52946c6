package desktop

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

func TestADeskThatIsTouchedStaysOpenAndOneThatIsNotIsLocked(t *testing.T) {
	d := &Desk{log: slog.New(slog.DiscardHandler)}
	a := &account{desk: d, touched: time.Now()}
	d.account = a
	locked, cancel, _ := d.changes.listen()
	defer cancel()

	ctx, end := context.WithCancel(t.Context())
	a.work.Go(func() { a.followIdle(ctx, time.Hour) })
	end()
	a.work.Wait()
	if d.account != a {
		t.Fatal("the desk was locked while its servant was there")
	}

	a.touched = time.Now().Add(-2 * time.Hour)
	a.followIdle(t.Context(), time.Hour)
	select {
	case <-locked:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told that the desk was locked")
	}
	if _, err := d.current(); err == nil {
		t.Error("the desk is open after two hours without its servant")
	}
}
