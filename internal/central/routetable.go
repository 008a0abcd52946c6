package central

import (
	"net/http"
	"slices"
)

// routeTable is the mux of the central, which remembers what was registered: who
// may ask what is proven route by route, and none may be forgotten.
type routeTable struct {
	*http.ServeMux
	patterns []string
}

func newRouteTable() *routeTable { return &routeTable{ServeMux: http.NewServeMux()} }

// HandleFunc registers a route.
func (t *routeTable) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	t.patterns = append(t.patterns, pattern)
	t.ServeMux.HandleFunc(pattern, handle)
}

// Routes lists the patterns of everything that the central answers, as net/http
// writes them ("GET /v1/info"), in alphabetical order.
func (s *Service) Routes() []string { return slices.Sorted(slices.Values(s.routes().patterns)) }
