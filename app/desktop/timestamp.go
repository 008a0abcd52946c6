package desktop

import (
	"net/http"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// timestampLimit bounds one question to the timestamp authority. The first silence
// ends the asking for the whole batch.
const timestampLimit = 10 * time.Second

// untimedRemark is told when the authority was silent: the signatures are good, and
// what is missing can be added without the signer.
const untimedRemark = "A autoridade de carimbo do tempo não respondeu: houve documentos assinados sem carimbo (nível AD-RB). As assinaturas valem, e o carimbo pode ser acrescentado depois pela central."

// timestamper is the authority that the central announces, nil when there is none.
// Without a connection it is not asked: signing offline goes on at once, at AD-RB.
func (a *account) timestamper() pades.Timestamper {
	info := a.central.Info
	status, _ := a.engine.Status()
	if info.TimestampURL == "" || !online(status.Phase) {
		return nil
	}
	return trust.TSA{
		URL: info.TimestampURL, Policy: info.TimestampPolicy, Timeout: timestampLimit,
		Fetcher: trust.HTTPFetcher{Client: &http.Client{Transport: a.client.Transport()}, Timeout: timestampLimit},
	}
}
