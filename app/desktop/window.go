package desktop

import (
	"embed"
	"fmt"
	"io/fs"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
)

// Main runs the desktop program and returns its exit code.
func Main(assets embed.FS, version string, args []string) int {
	dist, err := fs.Sub(assets, "frontend/dist")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	desk := &Desk{}
	err = wails.Run(&options.App{
		Title:       "SEI RS",
		AssetServer: &assetserver.Options{Assets: dist},
		Bind:        desk.bound(),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (d *Desk) bound() []any {
	return []any{&Session{d}, &Inbox{d}, &Processes{d}, &Documents{d}, &Files{d}, &Signing{d}, &Outbox{d}, &Intake{d}, &Search{d}, &Catalogue{d}}
}
