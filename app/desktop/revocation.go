package desktop

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

const (
	// learnLimit bounds the asking about one certificate.
	learnLimit = 30 * time.Second
	// learnAgain is how long a certificate is left alone after it was asked about,
	// and learnRetry after its authority was silent.
	learnAgain = time.Hour
	learnRetry = 10 * time.Minute
	// maxFollowed bounds the certificates of this computer that are followed.
	maxFollowed = 32
)

// newRevocations keeps what authorities say of certificates in the account's
// folder, and asks them the way the central is asked: same proxy, same trusted
// authorities, no session.
func (a *account) newRevocations() *trust.Revocations {
	o := trust.RevocationOptions{Cache: a.revocationCache()}
	if !a.desk.opts.NoRevocation {
		o.Fetcher = trust.HTTPFetcher{Client: &http.Client{Transport: a.client.Transport()}}
	}
	return trust.NewRevocations(o)
}

func (a *account) revocationCache() trust.DirCache {
	return trust.DirCache{Dir: filepath.Join(a.store.Dir(), "revocation")}
}

// followRevocations learns in the background, while online, whether the
// certificates seen on this computer are revoked, so that the check before the PIN
// knows without the network. It asks about no other certificate.
func (a *account) followRevocations(ctx context.Context) {
	a.revocationCache().Sweep(time.Now())
	woken, stop, ok := a.desk.changes.listen()
	if ok {
		defer stop()
	}
	tick := time.NewTicker(learnRetry)
	defer tick.Stop()
	for {
		a.learnRevocations(ctx, a.desk.certs.directory.Last().Certificates...)
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-tick.C:
		}
	}
}

// learnRevocations asks about those certificates whose time has come. The topic
// "keys" says that there is an answer.
func (a *account) learnRevocations(ctx context.Context, certs ...keys.Certificate) {
	if a.desk.opts.NoRevocation {
		return
	}
	for _, cert := range certs[:min(len(certs), maxFollowed)] {
		status, _ := a.engine.Status()
		if ctx.Err() != nil || !online(status.Phase) {
			return
		}
		if a.claimLearning(cert.ID, time.Now()) {
			a.learnRevocation(ctx, cert)
		}
	}
}

// claimLearning gives one caller the right to ask about a certificate.
func (a *account) claimLearning(id string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.learned[id]) {
		return false
	}
	if len(a.learned) >= maxFollowed {
		for other, until := range a.learned {
			if !now.Before(until) {
				delete(a.learned, other)
			}
		}
	}
	a.learned[id] = now.Add(learnAgain)
	return true
}

func (a *account) learnRevocation(ctx context.Context, cert keys.Certificate) {
	leaf, err := cert.X509()
	if err != nil {
		return // it cannot be chosen either
	}
	asking, cancel := context.WithTimeout(ctx, learnLimit)
	defer cancel()
	if err := a.judge.Learn(asking, leaf, keys.ParseAll(cert.Chain)); err != nil {
		a.desk.log.Debug("asking about a certificate", "error", err)
		a.mu.Lock()
		a.learned[cert.ID] = time.Now().Add(learnRetry)
		a.mu.Unlock()
	}
	a.desk.changes.say(topicKeys)
}

// revocationNote says, without a connection, by data of what day the certificate is
// good; "" when there is nothing to say. With one, the answer is of today.
func revocationNote(issued time.Time, online bool) string {
	if online || issued.IsZero() {
		return ""
	}
	return "O certificado não está revogado, segundo o que a autoridade publicou em " + issued.In(legalZone).Format("02/01/2006, às 15:04") + "."
}
