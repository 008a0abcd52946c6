package central

import "net/http"

func (s *Service) publicRoutes(mux *http.ServeMux) {}
