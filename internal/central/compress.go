package central

import (
	"compress/gzip"
	"net/http"
	"strings"
)

// compressed lets the answers to pulls, which are long and say much again and
// again, go over the line at about a tenth. The fastest level: on a fast line the
// central's time counts, on a slow one the rest gains little.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/pull" || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		z := &gzipWriter{ResponseWriter: w}
		defer z.close()
		next.ServeHTTP(z, r)
	})
}

// minCompressed is the size of an answer from which compressing is worth it.
const minCompressed = 4 << 10 // bytes

// gzipWriter compresses an answer whose first piece is long.
type gzipWriter struct {
	http.ResponseWriter
	status int
	begun  bool
	z      *gzip.Writer
}

// WriteHeader waits for the first piece, which says whether to compress.
func (w *gzipWriter) WriteHeader(status int) { w.status = status }

func (w *gzipWriter) Write(p []byte) (int, error) {
	w.begin(len(p) >= minCompressed)
	if w.z != nil {
		return w.z.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

func (w *gzipWriter) begin(long bool) {
	if w.begun {
		return
	}
	w.begun = true
	w.Header().Add("Vary", "Accept-Encoding")
	if long {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Del("Content-Length")
		w.z, _ = gzip.NewWriterLevel(w.ResponseWriter, gzip.BestSpeed) // the level exists
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
}

func (w *gzipWriter) close() {
	w.begin(false)
	if w.z != nil {
		_ = w.z.Close() // nobody is left to tell
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *gzipWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
