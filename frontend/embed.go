// Package frontend carries the built window, so that the desktop program and
// the console program serve the very same files.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the built window: index.html and what it needs. Before the first
// build of the frontend it is empty.
func Dist() (fs.FS, error) { return fs.Sub(dist, "dist") }
