// Command sei-rs-desktop is the servant's window onto SEI RS.
package main

import (
	"os"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
)

// version is set by the build.
var version = "dev"

func main() { os.Exit(desktop.Main(version, os.Args[1:])) }
