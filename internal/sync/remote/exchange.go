package remote

import (
	"context"
	"net/http"

	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

var _ sync.Transport = (*Client)(nil)

// Push hands in commands.
func (c *Client) Push(ctx context.Context, r wire.PushRequest) (wire.PushResponse, error) {
	var answer wire.PushResponse
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/push", body: r}, &answer, maxSmallAnswer)
	return answer, err
}

// Pull asks for what changed. Answers come compressed.
func (c *Client) Pull(ctx context.Context, r wire.PullRequest) (wire.PullResponse, error) {
	var answer wire.PullResponse
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/pull", body: r, unit: r.Unit}, &answer, maxPullAnswer)
	return answer, err
}

// Lease asks for document numbers.
func (c *Client) Lease(ctx context.Context, r wire.LeaseRequest) (wire.LeaseResponse, error) {
	var answer wire.LeaseResponse
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/leases", body: r}, &answer, maxSmallAnswer)
	return answer, err
}

// NewEpoch begins a new epoch of this workstation.
func (c *Client) NewEpoch(ctx context.Context) (wire.EpochResponse, error) {
	var answer wire.EpochResponse
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/device/epoch"}, &answer, maxSmallAnswer)
	return answer, err
}
