package central

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Limits of request bodies, in bytes.
const (
	// MaxPushBytes limits the body of one push; a desk with more sends several.
	MaxPushBytes  = 64 << 20
	maxSmallBytes = 1 << 20
	// maxPasswordBatchBytes has room for wire.MaxPasswordBatch sealed signatures of some 4 KiB.
	maxPasswordBatchBytes = 2 << 20
	bodyTimeout           = 10 * time.Minute // a full push on a slow line
)

// Credentials is the header of every request of a session. It is exported for
// the HTTP library, which fills only what is.
type Credentials struct {
	Authorization string `header:"Authorization" doc:"Bearer and the session's token"`
}

func (c Credentials) token() string {
	token, found := strings.CutPrefix(c.Authorization, "Bearer ")
	if !found {
		return ""
	}
	return token
}

type (
	nothing        struct{}
	bodyOf[B any]  struct{ Body B }
	request[B any] struct {
		Credentials
		Body B
	}
	bare struct{ Credentials }
)

// route describes one JSON operation.
type route struct {
	method, path, id, summary string
	limit                     int64
}

// Handler serves everything: JSON, files, hints and the public page.
func (s *Service) Handler() http.Handler { return s.harden(compressed(s.routes())) }

func (s *Service) routes() *routeTable {
	mux := newRouteTable()
	config := huma.DefaultConfig("SEI RS", s.cfg.Version)
	config.Info.Description = "Between workstations and the central. Bodies are forgiving: unknown fields are passed over, so that releases can differ."
	config.AllowAdditionalPropertiesByDefault = true
	config.CreateHooks = nil // no $schema members in the answers
	config.DocsPath = ""     // the stock page loads scripts from elsewhere
	config.SchemasPath = ""
	config.Transformers = []huma.Transformer{translateProblem}
	api := humago.New(mux, config)
	s.sessionRoutes(api)
	s.syncRoutes(api)
	s.logRoutes(api)
	describeStreamed(api)
	s.fileRoutes(mux)
	s.publicRoutes(mux)
	mux.HandleFunc("GET /v1/hints", s.serveHints)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /readyz", s.serveReady)
	return mux
}

// add registers one operation whose handler speaks the domain's errors.
func add[I, O any](s *Service, api huma.API, r route, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Summary: r.summary,
		MaxBodyBytes: r.limit, BodyReadTimeout: bodyTimeout, SkipValidateBody: true, SkipValidateParams: true,
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problemOf(ctx, err)
		}
		if out == nil { // 204
			out = new(O)
		}
		return out, nil
	})
}

// with runs an operation of a session.
func with[B, O any](s *Service, do func(context.Context, Session, B) (O, error)) func(context.Context, *request[B]) (*bodyOf[O], error) {
	return func(ctx context.Context, in *request[B]) (*bodyOf[O], error) {
		ses, err := s.Authenticate(ctx, in.token())
		if err != nil {
			return nil, err
		}
		out, err := do(ctx, ses, in.Body)
		return &bodyOf[O]{out}, err
	}
}

func (s *Service) sessionRoutes(api huma.API) {
	add(s, api, route{http.MethodGet, "/v1/info", "info", "What anybody may know of this central", 0},
		func(ctx context.Context, _ *nothing) (*bodyOf[wire.CentralInfo], error) {
			info, err := s.Info(ctx)
			return &bodyOf[wire.CentralInfo]{info}, err
		})
	add(s, api, route{http.MethodPost, "/v1/login", "login", "Open a session and enrol the workstation", maxSmallBytes},
		func(ctx context.Context, in *bodyOf[wire.LoginRequest]) (*bodyOf[wire.LoginResponse], error) {
			out, err := s.Login(ctx, callerOf(ctx), in.Body)
			return &bodyOf[wire.LoginResponse]{out}, err
		})
	add(s, api, route{http.MethodPost, "/v1/logout", "logout", "End the session", 0},
		func(ctx context.Context, in *bare) (*nothing, error) {
			ses, err := s.authenticateAny(ctx, in.token())
			if err != nil {
				return nil, err
			}
			return nil, s.Logout(ctx, ses)
		})
	add(s, api, route{http.MethodPost, "/v1/password", "change-password", "Change the user's password", maxSmallBytes},
		func(ctx context.Context, in *request[wire.ChangePassword]) (*nothing, error) {
			ses, err := s.authenticateAny(ctx, in.token())
			if err != nil {
				return nil, err
			}
			return nil, s.ChangePassword(ctx, ses, callerOf(ctx), in.Body)
		})
	add(s, api, route{http.MethodPost, "/v1/device/epoch", "new-epoch", "Begin a new epoch of the workstation", 0},
		func(ctx context.Context, in *bare) (*bodyOf[wire.EpochResponse], error) {
			ses, err := s.Authenticate(ctx, in.token())
			if err != nil {
				return nil, err
			}
			out, err := s.NewEpoch(ctx, ses)
			return &bodyOf[wire.EpochResponse]{out}, err
		})
}

func (s *Service) syncRoutes(api huma.API) {
	add(s, api, route{http.MethodPost, "/v1/push", "push", "Hand in commands", MaxPushBytes}, with(s, s.Push))
	add(s, api, route{http.MethodPost, "/v1/sign/password", "sign-with-password", "Sign with the password", maxSmallBytes},
		with(s, func(ctx context.Context, ses Session, in wire.PasswordSignature) (wire.PushResult, error) {
			return s.SignWithPassword(ctx, ses, callerOf(ctx), in)
		}))
	add(s, api, route{http.MethodPost, "/v1/sign/password-batch", "sign-batch-with-password", "Sign several documents with the password", maxPasswordBatchBytes},
		with(s, func(ctx context.Context, ses Session, in wire.PasswordBatch) (wire.PasswordBatchResult, error) {
			return s.SignBatchWithPassword(ctx, ses, callerOf(ctx), in)
		}))
	add(s, api, route{http.MethodPost, "/v1/pull", "pull", "Ask for what changed", maxSmallBytes}, with(s, s.Pull))
	add(s, api, route{http.MethodPost, "/v1/editing", "editing", "Tell colleagues that a minute is open in the editor", maxSmallBytes},
		func(ctx context.Context, in *request[wire.EditingNotice]) (*nothing, error) {
			ses, err := s.Authenticate(ctx, in.token())
			if err != nil {
				return nil, err
			}
			return nil, s.Editing(ctx, ses, in.Body)
		})
	add(s, api, route{http.MethodPost, "/v1/leases", "lease", "Lease document numbers", maxSmallBytes}, with(s, s.Lease))
	type searchInput struct {
		Credentials
		Unit  string `header:"X-Seirs-Unit" doc:"Acting unit"`
		Query string `query:"q"`
	}
	add(s, api, route{http.MethodGet, "/v1/search", "search", "Quick search", 0},
		func(ctx context.Context, in *searchInput) (*bodyOf[wire.SearchResponse], error) {
			ses, err := s.Authenticate(ctx, in.token())
			if err != nil {
				return nil, err
			}
			out, err := s.Search(ctx, ses, sei.UnitID(in.Unit), in.Query)
			return &bodyOf[wire.SearchResponse]{out}, err
		})
}

func (s *Service) logRoutes(api huma.API) {
	type checkpointInput struct {
		From int64 `query:"from" doc:"Size of an older checkpoint whose consistency is to be proven"`
	}
	add(s, api, route{http.MethodGet, "/v1/checkpoint", "checkpoint", "The signed head of the whole log", 0},
		func(ctx context.Context, in *checkpointInput) (*bodyOf[wire.CheckpointResponse], error) {
			out, err := s.Checkpoint(ctx, in.From)
			return &bodyOf[wire.CheckpointResponse]{out}, err
		})
	add(s, api, route{http.MethodPost, "/v1/recovery", "give-back", "Give back what a restored central has lost", MaxPushBytes}, with(s, s.GiveBack))
	type proofInput struct {
		Credentials
		Command string `path:"command"`
	}
	add(s, api, route{http.MethodGet, "/v1/receipts/{command}/proof", "receipt-proof", "The receipt of an own command and its events' place in the signed log", 0},
		func(ctx context.Context, in *proofInput) (*bodyOf[ledger.ReceiptProof], error) {
			ses, err := s.Authenticate(ctx, in.token())
			if err != nil {
				return nil, err
			}
			out, err := s.ReceiptProof(ctx, ses, sei.CommandID(in.Command))
			return &bodyOf[ledger.ReceiptProof]{out}, err
		})
}

// serveReady says whether the database answers.
func (s *Service) serveReady(w http.ResponseWriter, r *http.Request) {
	err := s.store.viewing(r.Context(), func(v reader) error {
		_, err := getMeta(v, "id")
		return err
	})
	if err != nil {
		s.writeProblem(w, r, sei.Wrap(err, sei.CodeUnavailable, "A central não está pronta."))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
