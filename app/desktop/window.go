package desktop

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"github.com/sei-rs/sei-rs-desktop/frontend"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// modules collects repeated -pkcs11-module flags.
type modules []string

func (m *modules) String() string { return strings.Join(*m, ",") }

func (m *modules) Set(path string) error {
	*m = append(*m, path)
	return nil
}

// UsableLine is what -say-usable writes.
const UsableLine = "usable"

// Main runs the desktop program and returns its exit code.
func Main(version string, args []string) int {
	// A driver of a token runs in a process of its own, which is this program.
	if pkcs11.IsWorker(os.Args) {
		pkcs11.WorkerMain()
	}
	opts := Options{Version: version, Profile: DefaultProfile(), Central: DefaultCentral(), TLSRoots: DefaultTLSRoots(), NoRevocation: DefaultNoRevocation(), Keyring: SystemKeyring{}}
	var drivers modules
	flags := flag.NewFlagSet("sei-rs-desktop", flag.ContinueOnError)
	flags.StringVar(&opts.Profile, "profile", opts.Profile, "folder of this program's data")
	flags.StringVar(&opts.Central, "central", opts.Central, "address of the central")
	flags.BoolVar(&opts.NoRevocation, "no-revocation", opts.NoRevocation, "never ask authorities whether certificates are revoked")
	sayUsable := flags.Bool("say-usable", false, "write a line when the window takes its first input (for measuring)")
	flags.Var(&drivers, "pkcs11-module", "path of a PKCS#11 driver (may be repeated)")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	opts.Modules = drivers
	if *sayUsable {
		opts.OnFirstInput = func() { fmt.Println(UsableLine) }
	}
	opts.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := openWindow(opts); err != nil {
		opts.Log.Error("the window ended", "error", err)
		return 1
	}
	return 0
}

// DefaultProfile is the program's folder in the local, never roaming, profile.
func DefaultProfile() string {
	if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
		return filepath.Join(dir, "SEI RS Desktop")
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "sei-rs-desktop")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), "sei-rs-desktop")
	}
	return filepath.Join(home, ".local", "share", "sei-rs-desktop")
}

// DefaultTLSRoots is the file of an agency's authorities that whoever installed
// the program gave: named in the environment, or autoridades.pem beside the
// program; "" for none.
func DefaultTLSRoots() string {
	if path := os.Getenv("SEIRS_TLS_ROOTS"); path != "" {
		return path
	}
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	path := filepath.Join(filepath.Dir(exe), "autoridades.pem")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// DefaultNoRevocation is whether the environment forbids asking authorities about
// revocation (SEIRS_REVOCATION=off).
func DefaultNoRevocation() bool { return os.Getenv("SEIRS_REVOCATION") == "off" }

// DefaultCentral is the address that whoever installed the program gave: in the
// environment, or in central.txt beside the program.
func DefaultCentral() string {
	if address := os.Getenv("SEIRS_CENTRAL"); address != "" {
		return address
	}
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	data, err := os.ReadFile(filepath.Join(filepath.Dir(exe), "central.txt"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// frame is the window's place, remembered between runs, in pixels.
type frame struct {
	Width, Height int
	Maximised     bool
	// Placed says that X and Y are known; they count from the corner of the screen that the window is on.
	Placed bool
	X, Y   int
}

// visibleEdge is how much of the window must lie on the screen for a remembered place to be used, in pixels.
const visibleEdge = 120

// fits says whether a window there can be seen and moved on a screen of that size.
func (f frame) fits(width, height int) bool {
	return f.Placed && f.X > visibleEdge-f.Width && f.X < width-visibleEdge && f.Y >= 0 && f.Y < height-visibleEdge
}

const frameFile = "window.json"

func readFrame(profile string) frame {
	f := frame{Width: usualWidth, Height: usualHeight}
	data, err := os.ReadFile(filepath.Join(profile, frameFile))
	if err != nil || json.Unmarshal(data, &f) != nil || f.Width < minWidth || f.Height < minHeight {
		return frame{Width: usualWidth, Height: usualHeight, Maximised: f.Maximised}
	}
	return f
}

const (
	usualWidth  = 1366
	usualHeight = 768
	minWidth    = 800
	minHeight   = 560
)

func openWindow(opts Options) error {
	dist, err := frontend.Dist()
	if err != nil {
		return fmt.Errorf("reading the window's files: %w", err)
	}
	desk, err := New(opts)
	if err != nil {
		return err
	}
	at := readFrame(opts.Profile)
	state := options.Normal
	if at.Maximised {
		state = options.Maximised
	}
	err = wails.Run(&options.App{
		Title: "SEI RS", Width: at.Width, Height: at.Height, MinWidth: minWidth, MinHeight: minHeight, WindowStartState: state,
		AssetServer:    &assetserver.Options{Assets: dist, Handler: desk.contentHandler(), Middleware: windowHeaders},
		OnStartup:      desk.windowStarted,
		OnDomReady:     func(ctx context.Context) { putWindow(ctx, at) },
		OnBeforeClose:  desk.windowCloses,
		Bind:           desk.bound(),
		ErrorFormatter: windowError,
		DragAndDrop:    &options.DragAndDrop{EnableFileDrop: true},
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId: "br.gov.rs.sei-desktop-" + randomTail(opts.Profile), OnSecondInstanceLaunch: desk.comeForward,
		},
		Windows: &windows.Options{Theme: windows.SystemDefault, Messages: windowsMessages()},
		Linux:   &linux.Options{ProgramName: "sei-rs-desktop"},
	})
	if closed := desk.Close(); closed != nil {
		opts.Log.Warn("closing", "error", closed)
	}
	return err
}

// windowError is a failure as the window's bindings carry it. They make an Error
// of it in JavaScript, and so a text is all that arrives whole.
func windowError(err error) any {
	text, failed := json.Marshal(errorView(err))
	if failed != nil {
		return sei.MessageOf(err)
	}
	return string(text)
}

// windowsMessages are what Windows shows before there is a window.
func windowsMessages() *windows.Messages {
	return &windows.Messages{
		InstallationRequired: "O WebView2 da Microsoft precisa ser instalado para abrir a janela. Escolha OK para instalar.",
		UpdateRequired:       "O WebView2 da Microsoft precisa ser atualizado para abrir a janela. Escolha OK para atualizar.",
		MissingRequirements:  "Falta um componente",
		Webview2NotInstalled: "O WebView2 da Microsoft não está instalado neste computador.",
		Error:                "Erro",
		FailedToInstall:      "A instalação do WebView2 não terminou. Tente de novo ou avise o suporte.",
		DownloadPage:         "Este programa precisa do WebView2 da Microsoft. Escolha OK para abrir a página de instalação; depois abra o programa de novo.",
		PressOKToInstall:     "Escolha OK para instalar.",
		ContactAdmin:         "O WebView2 é necessário para este programa. Peça ao suporte que o instale.",
		InvalidFixedWebview2: "O WebView2 indicado não é válido. Avise o suporte.",
		WebView2ProcessCrash: "O componente da janela parou. Nada foi perdido: feche o programa e abra-o de novo.",
	}
}

// randomTail tells programs with different data folders apart.
func randomTail(profile string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, profile)
}

func windowHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setWindowHeaders(w.Header())
		next.ServeHTTP(w, r)
	})
}

// windowStarted is a method value, so that Wails binds nothing to the page.
func (d *Desk) windowStarted(ctx context.Context) {
	d.native = windowDialogs{ctx}
	d.changes.setEmit(func(topics []string) { runtime.EventsEmit(ctx, "changed", topics) })
}

// putWindow puts the window where it was, unless that place is no longer on the screen.
func putWindow(ctx context.Context, at frame) {
	if at.Maximised {
		return
	}
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil {
		return
	}
	for _, s := range screens {
		if s.IsCurrent && at.fits(s.Size.Width, s.Size.Height) {
			runtime.WindowSetPosition(ctx, at.X, at.Y)
		}
	}
}

// windowCloses remembers the window's place and lets it close.
func (d *Desk) windowCloses(ctx context.Context) bool {
	f := readFrame(d.opts.Profile)
	f.Maximised = runtime.WindowIsMaximised(ctx)
	// A maximised window goes back, later, to the place that it had before.
	if !f.Maximised {
		f.Width, f.Height = runtime.WindowGetSize(ctx)
		f.X, f.Y = runtime.WindowGetPosition(ctx)
		f.Placed = true
	}
	data, err := json.Marshal(f)
	if err == nil {
		err = writeBeside(filepath.Join(d.opts.Profile, frameFile), data)
	}
	if err != nil {
		d.log.Warn("remembering the window's place", "error", err)
	}
	return false
}

func (d *Desk) comeForward(options.SecondInstanceData) {
	if n, ok := d.native.(windowDialogs); ok {
		runtime.WindowUnminimise(n.ctx)
		runtime.Show(n.ctx)
	}
}

// windowDialogs are the system's dialogs.
type windowDialogs struct{ ctx context.Context }

func (w windowDialogs) pickFiles(context.Context) ([]string, error) {
	return runtime.OpenMultipleFilesDialog(w.ctx, runtime.OpenDialogOptions{Title: "Escolher arquivos"})
}

func (w windowDialogs) pickFolder(context.Context) (string, error) {
	return runtime.OpenDirectoryDialog(w.ctx, runtime.OpenDialogOptions{Title: "Escolher a pasta monitorada"})
}

func (w windowDialogs) saveAs(_ context.Context, name string) (string, error) {
	return runtime.SaveFileDialog(w.ctx, runtime.SaveDialogOptions{Title: "Salvar como", DefaultFilename: name})
}

// keyringWait bounds a call to the system's keyring, which may ask the user or
// hang without a desktop session.
const keyringWait = 5 * time.Second
