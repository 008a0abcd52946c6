package central_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func rotate(t *testing.T, folder string) wire.ReceiptKey {
	t.Helper()
	k, err := central.RotateReceiptKey(t.Context(), folder, rand.Reader, firstDay)
	must(t, err)
	return k
}

// Whoever knows any key of the central, the first or the last, can audit all of
// it; whoever knows another finds everything unsigned.
func TestAnAuditHoldsUnderEveryKeyOfTheCentral(t *testing.T) {
	h := tellHistory(t)
	keys := []ed25519.PublicKey{h.key, rotate(t, h.folder).Public, rotate(t, h.folder).Public}
	for i, key := range keys {
		h.key = key
		if found := h.inspect(t, h.middle); !found.Sound() {
			t.Errorf("under key %d: %+v", i+1, found.Findings)
		}
	}
	stranger, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	h.key = stranger
	if h.inspect(t).Sound() {
		t.Error("sound under a key that is not the central's")
	}
}

func TestAnAuditFindsAReceiptKeyThatNoKnownKeyVouchesFor(t *testing.T) {
	h := tellHistory(t)
	rotate(t, h.folder)
	pub, forger, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	forged := wire.ReceiptKey{ID: ledger.KeyID(pub), Public: pub, From: firstDay}
	said, err := json.Marshal(forged)
	must(t, err)
	word := ledger.Seal(forger, ledger.TypeRotation, said)
	forged.Rotation = &word
	row, err := json.Marshal(forged)
	must(t, err)
	h.spoil(t, `INSERT INTO receipt_keys (id, place, announced, before) VALUES ('`+forged.ID+`', 3, '`+string(row)+`', '')`)
	found := h.inspect(t)
	if len(found.Findings) != 1 || found.Findings[0].Check != central.CheckKey {
		t.Errorf("found %+v", found.Findings)
	}
}

// A key put into the folder from elsewhere must not seal receipts of this central.
func TestACentralRefusesAKeyThatItsOwnDoNotVouchFor(t *testing.T) {
	h := tellHistory(t)
	rotate(t, h.folder)
	_, foreign, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(foreign)
	must(t, err)
	block := &pem.Block{Type: "PRIVATE KEY", Headers: map[string]string{"Since": firstDay.Format(time.RFC3339)}, Bytes: der}
	must(t, os.WriteFile(filepath.Join(h.folder, "receipt-key.pem"), pem.EncodeToMemory(block), 0o600))
	if _, err := central.RotateReceiptKey(t.Context(), h.folder, rand.Reader, firstDay); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("a foreign key: %v", err)
	}
}

// The key's file changes first: a central whose database missed the rotation
// takes it up from the file.
func TestAnInterruptedRotationIsTakenUp(t *testing.T) {
	h := tellHistory(t)
	second := rotate(t, h.folder)
	h.spoil(t, "DELETE FROM receipt_keys WHERE id = '"+second.ID+"'")
	third := rotate(t, h.folder)
	if third.Rotation.Key != second.ID {
		t.Errorf("the third key is vouched for by %s", third.Rotation.Key)
	}
	if found := h.inspect(t); !found.Sound() {
		t.Errorf("under the first key: %+v", found.Findings)
	}
}

func TestAReceiptVerifiesAfterTheKeyWasReplaced(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	first := d.login.Central.ReceiptKeys
	d.start(sei.Public)
	w.stop()
	rotate(t, w.folder)
	second := rotate(t, w.folder)
	w.start()
	info, err := w.svc.Info(t.Context())
	must(t, err)
	if len(info.ReceiptKeys) != 3 || info.ReceiptKeys[0].ID != first[0].ID || !bytes.Equal(info.ReceiptKeys[2].Public, second.Public) {
		t.Fatalf("announced: %+v", info.ReceiptKeys)
	}
	for i := 1; i < 3; i++ {
		if err := info.ReceiptKeys[i].Rotation.Verify(info.ReceiptKeys[i-1].Public, ledger.TypeRotation); err != nil {
			t.Error(err)
		}
	}
	w.sign()
	c := latest(t, w)
	if _, err := ledger.OpenCheckpoint(second.Public, c); err != nil {
		t.Error(err)
	}
	var command string
	must(t, w.database().QueryRow("SELECT id FROM commands WHERE accepted AND user_id = ? ORDER BY at LIMIT 1", string(d.login.User.ID)).Scan(&command))
	proof, err := w.desk("SPGG", "ana.schneider", spggGab).proof(command)
	must(t, err)
	if _, proven, err := proof.OpenUnder(first[0].Public, second.Public); err != nil || proven == nil {
		t.Errorf("an old receipt under a new checkpoint: %v", err)
	}
	if _, _, err := proof.Open(second.Public); err == nil {
		t.Error("an old receipt passes as one of the new key")
	}
	if _, err := central.RotateReceiptKey(t.Context(), t.TempDir(), rand.Reader, firstDay); sei.CodeOf(err) != sei.CodeNotFound {
		t.Errorf("a folder without a central: %v", err)
	}
}
