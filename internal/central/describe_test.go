package central_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestTheAPIDescribesFilesHintsAndThePublicAnswerAsTheyAreServed(t *testing.T) {
	w := newWorld(t)
	_, body := w.visit("/openapi.json")
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	must(t, json.Unmarshal([]byte(body), &doc))
	for path, methods := range map[string][]string{
		"/v1/blobs/{sha256}":                      {"head", "patch"},
		"/v1/documents/{document}/blobs/{sha256}": {"get"},
		"/v1/documents/{document}/reading-copy":   {"get"},
		"/v1/hints":                               {"get"},
		"/v1/public/verify":                       {"get"},
	} {
		for _, m := range methods {
			if doc.Paths[path][m] == nil {
				t.Errorf("%s %s is not described", m, path)
			}
		}
		served := strings.NewReplacer("{sha256}", strings.Repeat("0", 64), "{document}", "none").Replace(path)
		resp, text := w.visit(served)
		if resp.StatusCode == http.StatusNotFound && !strings.Contains(text, "{") || resp.StatusCode == http.StatusMethodNotAllowed && len(methods) == 1 {
			t.Errorf("%s is described but not served: %d", path, resp.StatusCode)
		}
	}
}
