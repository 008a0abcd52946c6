// Command sei-rs-desktop is the servant's window onto SEI RS.
package main

import (
	"embed"
	"os"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
)

//go:embed all:frontend/dist
var assets embed.FS

// version is set by the build.
var version = "dev"

func main() {
	os.Exit(desktop.Main(assets, version, os.Args[1:]))
}
