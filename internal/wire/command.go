package wire

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// CommandForm is the version of the command envelope that this release writes.
const CommandForm = 1

// MaxCommandBytes limits one sealed command; a minute's text is the largest part.
const MaxCommandBytes = sei.MaxMinuteBytes + 256<<10

// MaxDependencies limits what one command may wait for.
const MaxDependencies = 1000

// Command is the signed envelope of one act.
type Command struct {
	Form    int             `json:"form"`
	ID      sei.CommandID   `json:"id"` // UUIDv7
	Kind    sei.CommandKind `json:"kind"`
	Version int             `json:"version"` // of the body's kind
	Process sei.ProcessID   `json:"process"`
	User    sei.UserID      `json:"user"`
	Unit    sei.UnitID      `json:"unit"` // acting unit
	Device  sei.DeviceID    `json:"device"`
	Epoch   int64           `json:"epoch"` // of the device
	// DependsOn must be accepted before this command can be; if one is
	// refused, so is this.
	DependsOn []sei.CommandID `json:"dependsOn,omitempty"`
	// SeenVersion is the process version that the servant decided on: a hint.
	SeenVersion int64           `json:"seenVersion,omitempty"`
	DeclaredAt  time.Time       `json:"declaredAt"` // workstation's clock
	Body        json.RawMessage `json:"body"`
}

// currentBodyVersion is the version of every body that this release writes.
const currentBodyVersion = 1

// NewCommand wraps a body for sending; ids and times are the caller's.
func NewCommand(c Command, body sei.CommandBody) (Command, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return Command{}, fmt.Errorf("encoding %s: %w", body.Kind(), err)
	}
	c.Form, c.Kind, c.Version, c.Body = CommandForm, body.Kind(), currentBodyVersion, data
	return c, nil
}

// SealCommand signs c with the workstation's key.
func SealCommand(key ed25519.PrivateKey, c Command) (ledger.Sealed, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return ledger.Sealed{}, fmt.Errorf("encoding command %s: %w", c.ID, err)
	}
	if len(data) > MaxCommandBytes {
		return ledger.Sealed{}, sei.Errorf(sei.CodeTooLarge, "O comando passa do tamanho aceito pela central.")
	}
	return ledger.Seal(key, ledger.TypeCommand, data), nil
}

// ReadCommand decodes the payload of a sealed command without checking who
// sealed it. Errors are [sei.Error] with [sei.CodeInvalid].
func ReadCommand(payload []byte) (Command, error) {
	var c Command
	if len(payload) > MaxCommandBytes {
		return c, sei.Errorf(sei.CodeTooLarge, "O comando passa do tamanho aceito pela central.")
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		return c, sei.Wrap(fmt.Errorf("decoding command: %w", err), sei.CodeInvalid, "O comando recebido está malformado.")
	}
	return c, c.check()
}

func (c Command) check() error {
	switch {
	case c.Form < 1 || c.Form > CommandForm:
		return sei.Errorf(sei.CodeInvalid, "A central não conhece a forma %d de comandos; atualize a central.", c.Form)
	case c.ID == "" || len(c.ID) > 64 || c.Process == "" || len(c.Process) > 64:
		return sei.Errorf(sei.CodeInvalid, "O comando recebido não tem identificação.")
	case c.User == "" || c.Unit == "" || c.Device == "":
		return sei.Errorf(sei.CodeInvalid, "O comando recebido não diz quem o fez.")
	case len(c.DependsOn) > MaxDependencies:
		return sei.Errorf(sei.CodeTooLarge, "O comando depende de outros em excesso.")
	}
	return nil
}

// Decode gives the command in the rulebook's terms, upcasting older bodies.
func (c Command) Decode() (sei.Command, error) {
	data, err := Upcast(c.Kind, c.Version, c.Body)
	if err != nil {
		return sei.Command{}, err
	}
	body, err := sei.DecodeBody(c.Kind, data)
	if err != nil {
		return sei.Command{}, err
	}
	return sei.Command{ID: c.ID, Process: c.Process, DeclaredAt: c.DeclaredAt, Body: body}, nil
}

// Upcast turns a body of an older version into today's form.
func Upcast(kind sei.CommandKind, version int, body json.RawMessage) (json.RawMessage, error) {
	if version < 1 || version > currentBodyVersion {
		return nil, sei.Errorf(sei.CodeInvalid, "A central não conhece a versão %d do comando %q; atualize a central.", version, string(kind))
	}
	return body, nil
}
