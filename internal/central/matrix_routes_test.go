package central_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// reply is an answer as far as it may differ.
type reply struct {
	status int
	header http.Header
	body   string
}

// question is one way of asking a route about the things with these names.
type question struct {
	name string
	ask  func(d *desk, n names) reply
	// allowed says who gets an answer; everybody else is answered as if the
	// things did not exist. Nil: it tells nothing of processes, whoever asks.
	allowed func(a asker, r rights) bool
	shows   func(n names) string // what a good answer must hold
	// once is asked by outsiders alone: it changes the session that asks.
	once bool
	// skip leaves a question out: it would be accepted and change the world.
	skip func(a asker, r rights) bool
}

// needs of a route.
type session string

const (
	open       session = "open"        // anybody
	signedIn   session = "session"     // a session whose password is the user's own
	evenUnsure session = "any session" // also under a provisional password
)

// expectation is a route's row in the matrix.
type expectation struct {
	session   session
	questions []question
}

func (d *desk) asks(method, path string, body []byte, header map[string]string) reply {
	d.t.Helper()
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(body)
	}
	resp := d.request(method, path, in, header)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	must(d.t, err)
	resp.Header.Del("Date")
	return reply{resp.StatusCode, resp.Header, string(data)}
}

func (d *desk) asksJSON(method, path string, in any) reply {
	d.t.Helper()
	data, err := json.Marshal(in)
	must(d.t, err)
	return d.asks(method, path, data, map[string]string{"Content-Type": "application/json"})
}

func get(path string, of ...func(names) string) func(*desk, names) reply {
	return func(d *desk, n names) reply {
		args := make([]any, len(of))
		for i, f := range of {
			args[i] = url.PathEscape(f(n))
		}
		return d.asks(http.MethodGet, fmt.Sprintf(path, args...), nil, nil)
	}
}

func mayKnow(_ asker, r rights) bool    { return r.know }
func mayRead(_ asker, r rights) bool    { return r.content }
func seesMinute(_ asker, r rights) bool { return r.minute }
func nobodyMay(asker, rights) bool      { return false }

// The names as functions, so that a question can be put about any process.
var (
	signedOf      = func(n names) string { return n.signed }
	signedSHAOf   = func(n names) string { return n.signedSHA }
	externalOf    = func(n names) string { return n.external }
	externalSHAOf = func(n names) string { return n.externalSHA }
	minuteOf      = func(n names) string { return n.minute }
	pictureOf     = func(n names) string { return n.pictureSHA }
	numberOf      = func(n names) string { return n.number }
	tokenOf       = func(n names) string { return n.token }
)

// pairQuery is a verification pair as the public page takes it.
func pairQuery(code, crc string) func(names) string {
	return func(n names) string { return url.Values{code: {n.signedSEI}, crc: {n.crc}}.Encode() }
}

func rawGet(path func(names) string) func(*desk, names) reply {
	return func(d *desk, n names) reply { return d.asks(http.MethodGet, path(n), nil, nil) }
}

func search(of func(names) string) func(*desk, names) reply {
	return func(d *desk, n names) reply {
		return d.asks(http.MethodGet, "/v1/search?q="+url.QueryEscape(of(n)), nil, nil)
	}
}

func pull(after int64, bucket func(d *desk, n names) wire.Bucket) func(*desk, names) reply {
	return func(d *desk, n names) reply {
		r := d.asksJSON(http.MethodPost, "/v1/pull", wire.PullRequest{Unit: d.unit, Buckets: []wire.Cursor{{Bucket: bucket(d, n), After: after}}})
		if i := strings.LastIndex(r.body, `"time"`); i >= 0 {
			r.body = r.body[:i]
		}
		return r
	}
}

func processBucket(_ *desk, n names) wire.Bucket { return wire.ProcessBucket(sei.ProcessID(n.process)) }

// routeExpectations has a row for every route of the central. A route without
// one fails TestEveryRouteHasItsRowInTheMatrix.
func (m *matrix) routeExpectations() map[string]expectation {
	nothing := []question{}
	return map[string]expectation{
		"GET /v1/info":             {open, []question{{name: "o que todos sabem", ask: get("/v1/info")}}},
		"GET /healthz":             {open, []question{{name: "viva", ask: get("/healthz")}}},
		"GET /readyz":              {open, []question{{name: "pronta", ask: get("/readyz")}}},
		"GET /v1/checkpoint":       {open, []question{{name: "ponto do registro", ask: get("/v1/checkpoint?from=0")}}},
		"GET /openapi.json":        {open, nothing},
		"GET /openapi.yaml":        {open, nothing},
		"GET /openapi-3.0.json":    {open, nothing},
		"GET /openapi-3.0.yaml":    {open, nothing},
		"GET /{$}":                 {open, nothing},
		"GET /conferir/estilo.css": {open, nothing},
		"GET /conferir": {open, []question{
			{name: "par", ask: rawGet(func(n names) string { return "/conferir?" + pairQuery("codigo", "crc")(n) }), allowed: pairAnswers},
			{name: "minuta", ask: rawGet(func(n names) string { return conferir(n.minuteSEI, n.crc) }), allowed: nobodyMay},
			{name: "CRC de outro", ask: rawGet(func(n names) string { return conferir(n.signedSEI, "01234567") }), allowed: nobodyMay},
		}},
		"GET /conferir/documento": {open, []question{
			{name: "par", ask: rawGet(func(n names) string { return "/conferir/documento?" + pairQuery("codigo", "crc")(n) }), allowed: pairOpens},
			{name: "arquivo", ask: rawGet(func(n names) string {
				return "/conferir/documento?" + pairQuery("codigo", "crc")(n) + "&arquivo=" + n.signedSHA
			}), allowed: pairOpens},
			{name: "arquivo de outro documento", ask: rawGet(func(n names) string {
				return "/conferir/documento?" + pairQuery("codigo", "crc")(n) + "&arquivo=" + n.externalSHA
			}), allowed: nobodyMay},
		}},
		"POST /conferir/arquivo": {open, []question{{name: "arquivo com o par", ask: askFile, allowed: pairAnswers}}},
		"GET /q/{token}":         {open, []question{{name: "QR", ask: get("/q/%s", tokenOf), allowed: pairAnswers}}},
		"GET /q/{token}/documento": {open, []question{
			{name: "QR", ask: get("/q/%s/documento", tokenOf), allowed: pairOpens},
		}},
		"GET /v1/public/verify": {open, []question{
			{name: "par", ask: rawGet(func(n names) string { return "/v1/public/verify?" + pairQuery("code", "crc")(n) }), allowed: pairAnswers},
		}},
		"POST /v1/login":  {open, []question{{name: "senha errada de quem existe", ask: m.wrongLogin}}},
		"POST /v1/logout": {evenUnsure, []question{{name: "sair", once: true, ask: func(d *desk, _ names) reply { return d.asks(http.MethodPost, "/v1/logout", nil, nil) }}}},
		"POST /v1/password": {evenUnsure, []question{{name: "senha errada", once: true, ask: func(d *desk, _ names) reply {
			return d.asksJSON(http.MethodPost, "/v1/password", wire.ChangePassword{Old: "não é esta", New: "outra-senha-boa"})
		}}}},
		"POST /v1/device/epoch": {signedIn, []question{{name: "época", once: true, ask: func(d *desk, _ names) reply { return d.asks(http.MethodPost, "/v1/device/epoch", nil, nil) }}}},
		"POST /v1/leases": {signedIn, []question{{name: "devolver números de outro", ask: func(d *desk, _ names) reply {
			return d.asksJSON(http.MethodPost, "/v1/leases", wire.LeaseRequest{Return: []int64{1, 2, 3}})
		}}}},
		"POST /v1/recovery": {signedIn, []question{{name: "devolver a uma central que nada perdeu", allowed: nobodyMay, ask: func(d *desk, _ names) reply {
			return d.asksJSON(http.MethodPost, "/v1/recovery", wire.GiveBackRequest{Form: 1, Recovery: "x", Nonce: make([]byte, wire.NonceSize)})
		}}}},
		"GET /v1/hints": {signedIn, []question{
			{name: "avisos da unidade", ask: m.askHints(spggGab), allowed: func(a asker, _ rights) bool { return a.relation == generating }},
			{name: "avisos sem unidade", ask: m.askHints("")},
		}},
		"POST /v1/editing": {signedIn, []question{
			{name: "minuta", ask: askEditing(minuteOf), allowed: func(a asker, r rights) bool { return r.minute }},
			{name: "documento externo", ask: askEditing(externalOf), allowed: nobodyMay},
		}},
		"GET /v1/receipts/{command}/proof": {signedIn, []question{
			{name: "recibo de outro", ask: get("/v1/receipts/%s/proof", func(n names) string { return n.command }), allowed: nobodyMay},
		}},
		"GET /v1/search": {signedIn, m.searchQuestions()},
		"POST /v1/pull":  {signedIn, m.pullQuestions()},
		"HEAD /v1/blobs/{sha256}": {signedIn, []question{
			{name: "conteúdo de outro", allowed: nobodyMay, ask: func(d *desk, n names) reply { return d.asks(http.MethodHead, "/v1/blobs/"+n.externalSHA, nil, nil) }},
		}},
		"PATCH /v1/blobs/{sha256}": {signedIn, []question{{name: "começar o envio do que outro enviou", allowed: nobodyMay, ask: askUpload}}},
		"GET /v1/documents/{document}/blobs/{sha256}": {signedIn, []question{
			{name: "assinado", ask: get("/v1/documents/%s/blobs/%s", signedOf, signedSHAOf), allowed: mayRead},
			{name: "recebido", ask: get("/v1/documents/%s/blobs/%s", externalOf, externalSHAOf), allowed: mayRead},
			{name: "figura da minuta", ask: get("/v1/documents/%s/blobs/%s", minuteOf, pictureOf), allowed: seesMinute},
			{name: "arquivo sob outro documento", ask: get("/v1/documents/%s/blobs/%s", externalOf, signedSHAOf), allowed: nobodyMay},
			{name: "figura sob outro documento", ask: get("/v1/documents/%s/blobs/%s", externalOf, pictureOf), allowed: nobodyMay},
			{name: "pedaço", ask: func(d *desk, n names) reply {
				return d.asks(http.MethodGet, "/v1/documents/"+n.external+"/blobs/"+n.externalSHA, nil, map[string]string{"Range": "bytes=0-7"})
			}, allowed: mayRead},
			{name: "se mudou", ask: func(d *desk, n names) reply {
				return d.asks(http.MethodGet, "/v1/documents/"+n.external+"/blobs/"+n.externalSHA, nil, map[string]string{"If-None-Match": `"` + n.externalSHA + `"`})
			}, allowed: mayRead},
		}},
		"GET /v1/documents/{document}/reading-copy": {signedIn, []question{
			{name: "assinado", ask: get("/v1/documents/%s/reading-copy", signedOf), allowed: mayRead},
			{name: "minuta", ask: get("/v1/documents/%s/reading-copy", minuteOf), allowed: nobodyMay},
		}},
		"POST /v1/push":                {signedIn, m.pushQuestions()},
		"POST /v1/sign/password-batch": {signedIn, []question{{name: "assinar um lote", ask: m.askPasswordBatch, allowed: mayKnow, skip: mayActThere}}},
		"POST /v1/sign/password":       {signedIn, []question{{name: "assinar", ask: m.askPasswordSignature, allowed: mayKnow, skip: mayActThere}}},
	}
}

func (m *matrix) searchQuestions() []question {
	of := func(name string, words func(names) string) question {
		return question{name: name, ask: search(words), allowed: mayKnow, shows: numberOf}
	}
	return []question{
		of("número", numberOf), of("palavra", func(n names) string { return n.word }), of("número anterior", func(n names) string { return n.former }),
		of("parte do número", func(n names) string { return n.number[:len(n.number)-1] }),
		of("Nº SEI do assinado", func(n names) string { return n.signedSEI }), of("Nº SEI da minuta", func(n names) string { return n.minuteSEI }),
	}
}

func (m *matrix) pullQuestions() []question {
	unit := func(u sei.UnitID) func(*desk, names) reply {
		return func(d *desk, n names) reply {
			if n.process == m.nobody.process {
				u := "demo-spgg-nen" // as long as the real one
				r := pull(0, func(*desk, names) wire.Bucket { return wire.UnitBucket(sei.UnitID(u)) })(d, n)
				r.body = strings.ReplaceAll(r.body, u, "¤")
				return r
			}
			r := pull(0, func(*desk, names) wire.Bucket { return wire.UnitBucket(u) })(d, n)
			r.body = strings.ReplaceAll(r.body, string(u), "¤")
			return r
		}
	}
	return []question{
		{name: "processo", ask: pull(0, processBucket), allowed: mayKnow, shows: numberOf},
		{name: "processo, cursor de outra vida", ask: pull(1<<40, processBucket), allowed: mayKnow, shows: numberOf},
		{name: "processo, cursor negativo", ask: pull(-1, processBucket), allowed: mayKnow, shows: numberOf},
		{name: "lista da unidade geradora", ask: unit(spggGab), allowed: inGeneratingUnit},
		{name: "lista da própria unidade", ask: pull(0, func(d *desk, _ names) wire.Bucket { return wire.UnitBucket(d.unit) })},
		{name: "dados de outro usuário", allowed: nobodyMay, ask: func(d *desk, n names) reply {
			user := m.maker.login.User.ID
			if n.process == m.nobody.process {
				user = sei.UserID(strings.Repeat("x", len(user)))
			}
			r := pull(0, func(*desk, names) wire.Bucket { return wire.UserBucket(user) })(d, n)
			r.body = strings.ReplaceAll(r.body, string(user), "¤")
			return r
		}},
		{name: "catálogo", ask: pull(1<<20, func(*desk, names) wire.Bucket { return wire.CatalogueBucket })},
		{name: "conjunto de outra espécie", ask: pull(0, func(*desk, names) wire.Bucket { return "audit/" })},
	}
}

// inGeneratingUnit: a unit's list is for its users, whatever the process.
func inGeneratingUnit(a asker, _ rights) bool {
	return a.relation == generating && a.profile != "auditor"
}

func mayActThere(a asker, r rights) bool {
	return r.act || a.relation == past && worksThere[a.profile] && r.know
}

// Of the public page: the holder of a pair asks about a process of that level.
func pairAnswers(a asker, _ rights) bool { signatures, _ := disclosed(a.level); return signatures }
func pairOpens(a asker, _ rights) bool   { _, content := disclosed(a.level); return content }

func askFile(d *desk, n names) reply {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(d.t, form.SetBoundary("matriz"))
	must(d.t, form.WriteField("codigo", n.signedSEI))
	must(d.t, form.WriteField("crc", n.crc))
	part, err := form.CreateFormFile("arquivo", "x.pdf")
	must(d.t, err)
	_, err = part.Write(pdfBytes("qualquer"))
	must(d.t, err)
	must(d.t, form.Close())
	return d.asks(http.MethodPost, "/conferir/arquivo", body.Bytes(), map[string]string{"Content-Type": form.FormDataContentType()})
}

// wrongLogin: a wrong password of somebody who exists is answered like that of nobody.
func (m *matrix) wrongLogin(d *desk, n names) reply {
	login := "ana.schneider"
	if n.process == m.nobody.process {
		login = "ana.schnaider"
	}
	r := d.asksJSON(http.MethodPost, "/v1/login", m.loginRequest(d.key, d.device, "SPGG", login, "senha errada"))
	return r
}

func askEditing(of func(names) string) func(*desk, names) reply {
	return func(d *desk, n names) reply {
		return d.asksJSON(http.MethodPost, "/v1/editing", wire.EditingNotice{Unit: d.unit, Document: sei.DocumentID(of(n)), Editing: true})
	}
}

// askHints opens the stream and reads its beginning.
func (m *matrix) askHints(unit sei.UnitID) func(*desk, names) reply {
	return func(d *desk, n names) reply {
		u := unit
		if unit != "" && n.process == m.nobody.process {
			u = "demo-spgg-nen"
		}
		resp := d.request(http.MethodGet, "/v1/hints?unit="+url.QueryEscape(string(u)), nil, nil)
		defer resp.Body.Close()
		resp.Header.Del("Date")
		r := reply{status: resp.StatusCode, header: resp.Header}
		if resp.StatusCode >= http.StatusBadRequest {
			data, err := io.ReadAll(resp.Body)
			must(d.t, err)
			r.body = string(data)
		}
		return r
	}
}

// askUpload sends the first byte of a file of another user.
func askUpload(d *desk, n names) reply {
	resp := d.uploadPiece(sei.SHA256(n.externalSHA), 0, 1000, []byte("%"))
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	must(d.t, err)
	resp.Header.Del("Date")
	if resp.StatusCode == http.StatusConflict { // the user's own piece of an earlier question
		return reply{status: http.StatusNoContent, header: http.Header{"Upload-Offset": {"1"}}}
	}
	return reply{resp.StatusCode, http.Header{"Upload-Offset": resp.Header["Upload-Offset"]}, string(data)}
}

// commandBodies has a body of every kind that a workstation may send, about the
// things with these names. A kind without one fails the matrix.
func (m *matrix) commandBodies(n names) map[sei.CommandKind]sei.CommandBody {
	frozen := &sei.Frozen{Revision: "r", RevisionHash: sei.SHA256(n.signedSHA), Content: sei.BlobRef{SHA256: sei.SHA256(n.signedSHA), Size: 1}, CRC: n.crc}
	return map[sei.CommandKind]sei.CommandBody{
		sei.CmdStartProcess:     startBody(sei.Public),
		sei.CmdAddDocument:      sei.AddDocument{NewDocument: sei.NewDocument{Document: sei.DocumentID(newID(m.world)), Type: despacho}, Text: minuteText("x")},
		sei.CmdRegisterExternal: externalBody(sei.DocumentID(newID(m.world)), pdfBytes("nunca enviado")),
		sei.CmdEditMinute:       sei.EditMinute{Document: sei.DocumentID(n.minute), Text: illustratedText(m.t, "x", sei.SHA256(n.pictureSHA))},
		sei.CmdSignDocument:     sei.SignDocument{Document: sei.DocumentID(n.minute), Method: sei.ByPassword, SigningAgency: "spgg", Position: "x", ContentSHA256: frozen.Content.SHA256},
		sei.CmdSend:             sei.Send{To: []sei.UnitID{sesGab}},
		sei.CmdReceive:          sei.Receive{},
		sei.CmdAssign:           sei.Assign{},
		sei.CmdConclude:         sei.Conclude{},
		sei.CmdReopen:           sei.Reopen{},
		sei.CmdAcknowledge:      sei.Acknowledge{Document: sei.DocumentID(n.signed)},
		sei.CmdNoteProgress:     sei.NoteProgress{Text: "x"},
	}
}

// pushQuestions asks for every kind of command. Who may act there is left out:
// what they may is the rulebook's own matter and tested there.
func (m *matrix) pushQuestions() []question {
	var qs []question
	for kind := range m.commandBodies(m.nobody) {
		q := question{name: string(kind), allowed: mayKnow, skip: mayActThere}
		q.ask = func(d *desk, n names) reply {
			process := sei.ProcessID(n.process)
			if kind == sei.CmdStartProcess {
				process = sei.ProcessID(newID(m.world))
			}
			return m.push(d, d.command(process, m.commandBodies(n)[kind]))
		}
		if kind == sei.CmdStartProcess { // tells nothing; who works somewhere may
			q.allowed, q.skip = nil, func(a asker, _ rights) bool { return worksThere[a.profile] }
		}
		qs = append(qs, q)
	}
	slices.SortFunc(qs, func(a, b question) int { return strings.Compare(a.name, b.name) })
	return qs
}

func (m *matrix) push(d *desk, cmd ledger.Sealed) reply {
	r := d.asksJSON(http.MethodPost, "/v1/push", wire.PushRequest{Token: d.push, Commands: []ledger.Sealed{cmd}})
	if r.status != http.StatusOK {
		return r
	}
	var resp wire.PushResponse
	must(d.t, json.Unmarshal([]byte(r.body), &resp))
	d.push = resp.Token
	r.body = m.outcome(d, resp.Results[0])
	r.header.Del("Content-Length") // of times and seals
	return r
}

// outcome is what a receipt says, without times, ids and seals.
func (m *matrix) outcome(d *desk, result wire.PushResult) string {
	out := map[string]any{"waiting": result.Waiting, "problem": result.Problem}
	if result.Receipt != nil {
		var receipt ledger.Receipt
		must(d.t, json.Unmarshal(result.Receipt.Payload, &receipt))
		out["accepted"], out["code"], out["message"], out["events"] = receipt.Accepted, receipt.Code, receipt.Message, len(receipt.Events)
		out["number"] = receipt.ProcessNumber
	}
	data, err := json.Marshal(out)
	must(d.t, err)
	return string(data)
}

func (m *matrix) askPasswordBatch(d *desk, n names) reply {
	cmd := d.command(sei.ProcessID(n.process), m.commandBodies(n)[sei.CmdSignDocument])
	r := d.asksJSON(http.MethodPost, "/v1/sign/password-batch", wire.PasswordBatch{Commands: []ledger.Sealed{cmd}, Password: central.DemoPassword})
	if r.status == http.StatusOK {
		var result wire.PasswordBatchResult
		must(d.t, json.Unmarshal([]byte(r.body), &result))
		r.body = m.outcome(d, result.Results[0])
		r.header.Del("Content-Length")
	}
	return r
}

func (m *matrix) askPasswordSignature(d *desk, n names) reply {
	cmd := d.command(sei.ProcessID(n.process), m.commandBodies(n)[sei.CmdSignDocument])
	r := d.asksJSON(http.MethodPost, "/v1/sign/password", wire.PasswordSignature{Command: cmd, Password: central.DemoPassword})
	if r.status == http.StatusOK {
		var result wire.PushResult
		must(d.t, json.Unmarshal([]byte(r.body), &result))
		r.body = m.outcome(d, result)
		r.header.Del("Content-Length")
	}
	return r
}
