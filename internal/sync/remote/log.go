package remote

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

var _ sync.LogTransport = (*Client)(nil)

// Checkpoint asks for the log's signed head and its consistency with an older one.
func (c *Client) Checkpoint(ctx context.Context, from int64) (wire.CheckpointResponse, error) {
	var answer wire.CheckpointResponse
	query := url.Values{"from": {strconv.FormatInt(from, 10)}}
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/checkpoint", query: query, open: true}, &answer, maxSmallAnswer)
	return answer, err
}

// GiveBack hands in what a restored central has lost.
func (c *Client) GiveBack(ctx context.Context, r wire.GiveBackRequest) (wire.GiveBackResponse, error) {
	var answer wire.GiveBackResponse
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/recovery", body: r}, &answer, maxSmallAnswer)
	return answer, err
}
