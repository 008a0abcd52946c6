package remote

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Codes of the central about passwords. None of them ends a session.
const (
	// CodeLoginWrong is for any agency, login and password that do not go together.
	CodeLoginWrong sei.Code = "login.wrong"
	// CodePasswordWrong is for a password signature.
	CodePasswordWrong sei.Code = "password.wrong"
	// CodePasswordWeak is for a new password.
	CodePasswordWeak sei.Code = "password.weak"
)

// Info reads what the central says of itself to everybody.
func (c *Client) Info(ctx context.Context) (wire.CentralInfo, error) {
	var info wire.CentralInfo
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/info", open: true}, &info, maxSmallAnswer)
	return info, err
}

// Login opens a session, which all later calls use. Errors: [CodeLoginWrong],
// [sei.CodeTooMany], [sei.CodeUnavailable].
func (c *Client) Login(ctx context.Context, r wire.LoginRequest) (wire.LoginResponse, error) {
	var answer wire.LoginResponse
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/login", body: r, open: true}, &answer, maxSmallAnswer)
	if err != nil {
		return wire.LoginResponse{}, err
	}
	c.session.set(answer.Token)
	return answer, nil
}

// Logout ends the session. The token is forgotten even if the central cannot be told.
func (c *Client) Logout(ctx context.Context) error {
	token := c.session.get()
	if token == "" {
		return nil
	}
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/logout"}, nil, 0)
	c.session.end(token)
	return err
}

// ChangePassword replaces the user's password; the user's other sessions end.
// Errors: [CodeLoginWrong], [CodePasswordWeak].
func (c *Client) ChangePassword(ctx context.Context, old, replacement string) error {
	return c.call(ctx, request{method: http.MethodPost, path: "/v1/password", body: wire.ChangePassword{Old: old, New: replacement}}, nil, 0)
}

// Editing tells colleagues that a minute is open in the editor, or no more. It
// is advice: a failure costs nothing.
func (c *Client) Editing(ctx context.Context, n wire.EditingNotice) error {
	return c.call(ctx, request{method: http.MethodPost, path: "/v1/editing", body: n}, nil, 0)
}

// SignWithPassword hands in signature commands with the signer's password, which
// the central checks once. It is never queued: without a connection it fails with
// [sei.CodeUnavailable], and a wrong password is [CodePasswordWrong]. The results
// stand in the commands' order; their receipts are not verified here: see
// sync.VerifyReceipt.
func (c *Client) SignWithPassword(ctx context.Context, commands []ledger.Sealed, password string) ([]wire.PushResult, error) {
	var answer wire.PasswordBatchResult
	body := wire.PasswordBatch{Commands: commands, Password: password}
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/sign/password-batch", body: body}, &answer, maxSmallAnswer)
	if err == nil && len(answer.Results) != len(commands) {
		return nil, fmt.Errorf("the central answered %d of %d signatures", len(answer.Results), len(commands))
	}
	return answer.Results, err
}

// ReceiptProof asks what the central answered to one of the user's own commands.
// The receipt is not verified here; a command that the central never decided
// gives [sei.CodeNotFound].
func (c *Client) ReceiptProof(ctx context.Context, id sei.CommandID) (ledger.ReceiptProof, error) {
	var proof ledger.ReceiptProof
	path := "/v1/receipts/" + url.PathEscape(string(id)) + "/proof"
	err := c.call(ctx, request{method: http.MethodGet, path: path}, &proof, maxSmallAnswer)
	return proof, err
}

// Search asks the central for processes by number or words, acting for the unit.
func (c *Client) Search(ctx context.Context, unit sei.UnitID, text string) (wire.SearchResponse, error) {
	if runes := []rune(text); len(runes) > wire.MaxSearchText {
		return wire.SearchResponse{}, sei.Errorf(sei.CodeInvalid, "A pesquisa tem mais de %d caracteres; use menos palavras.", wire.MaxSearchText)
	}
	var answer wire.SearchResponse
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/search", query: url.Values{"q": {text}}, unit: unit}, &answer, maxSmallAnswer)
	return answer, err
}
