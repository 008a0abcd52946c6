package desktop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// knownCentral is the central that this workstation belongs to, as it last
// described itself.
type knownCentral struct {
	URL  string           `json:"url"`
	Info wire.CentralInfo `json:"info"`

	reachable bool
}

const (
	centralFile  = "central.json"
	infoTimeout  = 15 * time.Second
	loginTimeout = 60 * time.Second
)

// recallCentral reads what is remembered; the address given at start is the
// suggestion of a first start.
func (d *Desk) recallCentral() error {
	data, err := os.ReadFile(filepath.Join(d.opts.Profile, centralFile))
	var c knownCentral
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	given := d.opts.Central
	if address, problem := centralAddress(given); problem == nil {
		given = address // central.txt may name the host alone, as a servant would
	}
	if given != "" && given != c.URL {
		c = knownCentral{URL: given}
	}
	if c.URL != "" {
		d.central = &c
	}
	return err
}

func (d *Desk) rememberCentral(c *knownCentral) error {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the known central: %w", err)
	}
	if err := writeBeside(filepath.Join(d.opts.Profile, centralFile), data); err != nil {
		return fmt.Errorf("remembering the central: %w", err)
	}
	d.mu.Lock()
	d.central = c
	d.mu.Unlock()
	return nil
}

// writeBeside replaces a file all at once.
func writeBeside(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// centralAddress accepts what a servant types: a host, or an address.
func centralAddress(typed string) (string, error) {
	typed = strings.TrimSuffix(strings.TrimSpace(typed), "/")
	if typed != "" && !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", sei.Errorf(sei.CodeInvalid, "Digite o endereço da central, por exemplo sei.exemplo.rs.gov.br.")
	}
	return u.Scheme + "://" + u.Host, nil
}

func (d *Desk) newClient(address string) (*remote.Client, error) {
	return newClient(address, "sei-rs-desktop/"+d.opts.Version, d.opts.TLSRoots)
}

// maxRootsFile limits the file of an agency's authorities, in bytes.
const maxRootsFile = 1 << 20

// newClient makes a client that trusts the system's authorities and those of the
// file, which is read anew so that a mended one counts.
func newClient(address, agent, rootsFile string) (*remote.Client, error) {
	o := remote.Options{UserAgent: agent}
	if rootsFile != "" {
		info, err := os.Stat(rootsFile)
		if err == nil && info.Size() > maxRootsFile {
			err = errors.New("it is too large")
		}
		if err == nil {
			o.Roots, err = os.ReadFile(rootsFile)
		}
		if err == nil && len(o.Roots) == 0 {
			err = errors.New("it is empty")
		}
		if err != nil {
			return nil, sei.Wrap(err, remote.CodeRoots, "O arquivo de autoridades confiáveis do órgão não pode ser lido. Peça ao suporte que o corrija.")
		}
	}
	return remote.New(address, o)
}

// meetCentral asks the central that the program was given, or knows, who it is,
// so that the first screen is the login and tells whether there is a connection.
func (d *Desk) meetCentral() {
	d.mu.RLock()
	central := d.central
	d.mu.RUnlock()
	if central == nil {
		return
	}
	if _, err := d.askCentral(d.root, central.URL); err != nil {
		d.markUnreachable(central.URL)
		d.log.Debug("meeting the central", "error", err)
	}
	d.changes.say(topicSession)
}

// askCentral asks the central at the address who it is and remembers it.
func (d *Desk) askCentral(ctx context.Context, address string) (*knownCentral, error) {
	client, err := d.newClient(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, infoTimeout)
	defer cancel()
	info, err := client.Info(ctx)
	if err != nil {
		return nil, err
	}
	c := &knownCentral{URL: address, Info: info, reachable: true}
	return c, d.rememberCentral(c)
}

// Session is login, unlock, unit and the status bar, as the window sees them.
type Session struct{ desk *Desk }

// State says which screen to show.
func (a *Session) State() (SessionView, error) { return a.desk.sessionView() }

func (d *Desk) sessionView() (SessionView, error) {
	v := SessionView{Phase: "central", Units: []UnitView{}, Accounts: []AccountView{}}
	d.mu.RLock()
	central, acc := d.central, d.account
	d.mu.RUnlock()
	if central != nil {
		v.Central = centralView(central)
	}
	if acc != nil {
		v.Phase = "ready"
		acc.describe(&v)
		return v, nil
	}
	known, err := local.List(d.opts.Profile)
	if err != nil {
		return v, fmt.Errorf("listing known accounts: %w", err)
	}
	for _, k := range known {
		if d.isOfCentral(k) {
			v.Accounts = append(v.Accounts, AccountView{Agency: k.Agency, Login: k.Login, Name: k.Name, LastLogin: k.LastUsed})
		}
	}
	switch {
	case len(v.Accounts) > 0:
		v.Phase = "locked"
	case central != nil && central.Info.ID != "":
		v.Phase = "login"
	}
	return v, nil
}

// isOfCentral says whether the account belongs to the central in use; while
// nothing is known of one, all do. The same servant may have an account at the
// training central beside the real one.
func (d *Desk) isOfCentral(k local.Known) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.central == nil || d.central.Info.ID == "" || k.CentralID == d.central.Info.ID
}

func centralView(c *knownCentral) *CentralView {
	v := &CentralView{
		URL: c.URL, Name: c.Info.Name, Version: c.Info.Version, Training: c.Info.Training, Reachable: c.reachable,
		Agencies: []AgencyView{}, DemoUsers: []DemoUserView{}, MaxFileBytes: c.Info.MaxFileBytes, PublicURL: c.Info.PublicURL,
	}
	for _, a := range c.Info.Agencies {
		v.Agencies = append(v.Agencies, AgencyView{ID: a.Acronym, Acronym: a.Acronym, Name: a.Name})
	}
	for _, u := range c.Info.DemoUsers {
		v.DemoUsers = append(v.DemoUsers, DemoUserView(u))
	}
	return v
}

// Connect asks a central who it is and remembers it.
func (a *Session) Connect(address string) (CentralView, error) {
	address, err := centralAddress(address)
	if err != nil {
		return CentralView{}, err
	}
	c, err := a.desk.askCentral(a.desk.ctx(), address)
	if err != nil {
		a.desk.markUnreachable(address)
		return CentralView{}, err
	}
	a.desk.changes.say(topicSession)
	return *centralView(c), nil
}

// markUnreachable keeps an address whose central does not answer as the one to
// try, so that a start without network still shows the login.
func (d *Desk) markUnreachable(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.central != nil && d.central.URL == address {
		c := *d.central
		c.reachable = false
		d.central = &c
	}
}

// Login opens a session online, enrolling this workstation when it is new.
func (a *Session) Login(form LoginForm) (SessionView, error) {
	d := a.desk
	ctx, cancel := context.WithTimeout(d.ctx(), loginTimeout)
	defer cancel()
	address, err := centralAddress(form.Central)
	if err != nil {
		return SessionView{}, err
	}
	central, err := d.askCentral(ctx, address)
	if err != nil {
		return SessionView{}, err
	}
	if err := d.closeAccount(); err != nil {
		d.log.Warn("closing the previous account", "error", err)
	}
	acc, err := d.login(ctx, central, form)
	if err != nil {
		return SessionView{}, err
	}
	return d.enter(acc)
}

// enter makes the account the open one and starts its engine.
func (d *Desk) enter(acc *account) (SessionView, error) {
	if err := acc.start(); err != nil {
		return SessionView{}, errors.Join(err, acc.close())
	}
	d.mu.Lock()
	d.account = acc
	d.mu.Unlock()
	d.changes.say(topicSession, topicStatus, topicInbox, topicOutbox)
	return d.sessionView()
}

// login presents this workstation's identity, the known one where the password
// opens it, and keeps what the central answers.
func (d *Desk) login(ctx context.Context, central *knownCentral, form LoginForm) (*account, error) {
	client, err := d.newClient(central.URL)
	if err != nil {
		return nil, err
	}
	known, store, err := d.knownStore(ctx, central.Info.ID, form)
	if err != nil {
		return nil, err
	}
	identity, fresh, err := d.identityFor(ctx, store, form.Password)
	if err != nil {
		return nil, closing(store, err)
	}
	answer, err := client.Login(ctx, wire.LoginRequest{
		Agency: form.Agency, Login: form.Login, Password: form.Password,
		Device: identity.Enrolment(central.Info.ID, form.Login, machineName()),
	})
	if err != nil {
		return nil, closing(store, err)
	}
	acc := &account{desk: d, client: client, store: store, central: central}
	if known == nil {
		return acc, d.createStore(ctx, acc, identity, form, answer)
	}
	err = store.UnlockAfterLogin(ctx, form.Password, answer)
	if fresh && sei.CodeOf(err) == local.CodeWrongPassword {
		err = d.openChanged(ctx, store, identity, form.Password, answer)
	}
	if err != nil {
		return nil, closing(store, err)
	}
	return acc, nil
}

// openChanged opens a store whose password was changed at another workstation:
// with the operating system's keyring, else the servant is asked for the old one.
func (d *Desk) openChanged(ctx context.Context, store *local.Store, id local.DeviceIdentity, password string, answer wire.LoginResponse) error {
	ring := d.opts.Keyring
	if ring == nil {
		return oldPasswordWanted()
	}
	if err := store.UnlockWithKeyring(ctx, ring); err != nil {
		return oldPasswordWanted()
	}
	return errors.Join(store.AdoptDevice(ctx, id, answer), store.Rewrap(ctx, password))
}

func oldPasswordWanted() error {
	return sei.Errorf("vault.old_password", "A sua senha foi trocada em outro computador. Abra primeiro com a senha antiga, em \"Abrir sem rede\"; depois entre com a nova. Nada foi perdido.")
}

func closing(store *local.Store, err error) error {
	if store == nil {
		return err
	}
	return errors.Join(err, store.Close())
}

// knownStore opens, locked, the store of an account that was here before.
func (d *Desk) knownStore(ctx context.Context, centralID string, form LoginForm) (*local.Known, *local.Store, error) {
	known, err := local.List(d.opts.Profile)
	if err != nil {
		return nil, nil, fmt.Errorf("listing known accounts: %w", err)
	}
	for _, k := range known {
		if k.CentralID == centralID && strings.EqualFold(k.Login, form.Login) && strings.EqualFold(k.Agency, form.Agency) {
			store, err := d.openStore(ctx, k.Dir)
			return &k, store, err
		}
	}
	return nil, nil, nil
}

// identityFor is the workstation's identity to log in with; fresh says that it
// was just made, because there is none or the password does not open it.
func (d *Desk) identityFor(ctx context.Context, store *local.Store, password string) (id local.DeviceIdentity, fresh bool, err error) {
	if store != nil {
		id, err = store.IdentityForLogin(ctx, password)
		if err == nil || sei.CodeOf(err) != local.CodeWrongPassword {
			return id, false, err
		}
	}
	id, err = local.NewDeviceIdentity(time.Now(), rand.Reader)
	return id, true, err
}

func (d *Desk) createStore(ctx context.Context, acc *account, id local.DeviceIdentity, form LoginForm, answer wire.LoginResponse) error {
	store, err := d.openStore(ctx, local.Dir(d.opts.Profile, acc.central.Info.ID, answer.User.ID))
	if err != nil {
		return err
	}
	acc.store = store
	owner := local.Owner{
		CentralID: acc.central.Info.ID, CentralName: acc.central.Info.Name, Address: acc.central.URL, Training: acc.central.Info.Training,
		User: answer.User.ID, Agency: form.Agency, Login: form.Login, Name: answer.User.Name,
	}
	if err := store.Create(ctx, form.Password, id, owner, answer); err != nil {
		return closing(store, err)
	}
	return nil
}

func machineName() string {
	name, err := os.Hostname()
	if err != nil {
		return "computador"
	}
	return name
}

// Unlock opens a known account with its password, without network.
func (a *Session) Unlock(agency, login, password string) (SessionView, error) {
	d := a.desk
	ctx := d.ctx()
	known, err := local.List(d.opts.Profile)
	if err != nil {
		return SessionView{}, fmt.Errorf("listing known accounts: %w", err)
	}
	for _, k := range known {
		if !d.isOfCentral(k) || !strings.EqualFold(k.Login, login) || !strings.EqualFold(k.Agency, agency) {
			continue
		}
		return d.unlock(ctx, k, password)
	}
	return SessionView{}, sei.Errorf(sei.CodeNotFound, "Este usuário ainda não entrou neste computador. A primeira entrada precisa de conexão com a central.")
}

func (d *Desk) unlock(ctx context.Context, k local.Known, password string) (SessionView, error) {
	if err := d.closeAccount(); err != nil {
		d.log.Warn("closing the previous account", "error", err)
	}
	store, err := d.openStore(ctx, k.Dir)
	if err != nil {
		return SessionView{}, err
	}
	if err := store.Unlock(ctx, password); err != nil {
		return SessionView{}, closing(store, err)
	}
	acc, err := d.resume(ctx, store, k)
	if err != nil {
		return SessionView{}, closing(store, err)
	}
	return d.enter(acc)
}

// resume builds the account of an unlocked store with the session it had.
func (d *Desk) resume(ctx context.Context, store *local.Store, k local.Known) (*account, error) {
	id, err := store.Identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	client, err := d.newClient(k.Address)
	if err != nil {
		return nil, err
	}
	session, err := store.Session(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the session: %w", err)
	}
	client.UseSession(session.Token)
	return &account{desk: d, client: client, store: store, central: &knownCentral{URL: k.Address, Info: id.Central}}, nil
}

// Lock forgets the key in memory; the queue stays.
func (a *Session) Lock() (SessionView, error) {
	if err := a.desk.closeAccount(); err != nil {
		return SessionView{}, err
	}
	a.desk.changes.say(topicSession)
	return a.desk.sessionView()
}

// Logout ends the session at the central and locks.
func (a *Session) Logout() (SessionView, error) {
	d := a.desk
	acc, err := d.current()
	if err != nil {
		return d.sessionView()
	}
	ctx, cancel := context.WithTimeout(d.ctx(), infoTimeout)
	defer cancel()
	if err := acc.returnNumbers(ctx); err != nil {
		d.log.Info("returning unused numbers", "error", err)
	}
	if err := acc.client.Logout(ctx); err != nil {
		d.log.Info("logging out at the central", "error", err)
	}
	if err := acc.store.EndSession(ctx); err != nil {
		d.log.Warn("forgetting the session", "error", err)
	}
	return a.Lock()
}

// Renew logs in again while the desk stays open, when the central asks for it.
func (a *Session) Renew(password string) (SessionView, error) {
	d := a.desk
	acc, err := d.current()
	if err != nil {
		return SessionView{}, err
	}
	ctx, cancel := context.WithTimeout(d.ctx(), loginTimeout)
	defer cancel()
	if err := acc.renew(ctx, password); err != nil {
		return SessionView{}, err
	}
	d.changes.say(topicSession, topicStatus)
	return d.sessionView()
}

// ChangePassword replaces the user's password, online.
func (a *Session) ChangePassword(old, new string) error {
	acc, err := a.desk.current()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.desk.ctx(), loginTimeout)
	defer cancel()
	if err := acc.client.ChangePassword(ctx, old, new); err != nil {
		return err
	}
	if err := errors.Join(acc.store.Rewrap(ctx, new), acc.store.PasswordChosen(ctx)); err != nil {
		return fmt.Errorf("taking up the new password: %w", err)
	}
	acc.mu.Lock()
	acc.person.MustChangePassword = false
	// What the central held back under a provisional password goes on now.
	acc.listenAgain()
	acc.mu.Unlock()
	acc.engine.LoggedIn()
	return nil
}

// SwitchUnit changes the acting unit.
func (a *Session) SwitchUnit(unit string) (SessionView, error) {
	acc, err := a.desk.current()
	if err != nil {
		return SessionView{}, err
	}
	if err := acc.switchUnit(a.desk.ctx(), sei.UnitID(unit)); err != nil {
		return SessionView{}, err
	}
	a.desk.changes.say(topicSession, topicInbox, topicStatus)
	return a.desk.sessionView()
}

// SyncNow asks for an exchange at once.
func (a *Session) SyncNow() error {
	acc, err := a.desk.current()
	if err != nil {
		return err
	}
	acc.engine.Nudge()
	return nil
}
