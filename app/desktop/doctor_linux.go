package desktop

import (
	"os"
	"path/filepath"
	"strings"
)

// checkWebview looks for a display and the WebKitGTK that draws the window.
func checkWebview(window bool) []DoctorLine {
	if window {
		return []DoctorLine{{Name: "Janela", Level: "ok", Detail: "A janela está aberta."}}
	}
	display := DoctorLine{Name: "Tela", Level: "ok", Detail: "Há uma tela para a janela."}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		display.Level, display.Detail = "warning", "Não há tela neste computador; use \"seirs desk\" e abra o endereço no navegador."
	}
	webview := DoctorLine{Name: "Componente da janela (WebKitGTK)", Level: "problem", Detail: "WebKitGTK 4.1 não foi encontrado; instale libwebkit2gtk-4.1-0."}
	for _, dir := range []string{"/usr/lib/*", "/usr/lib64", "/usr/local/lib"} {
		if found, err := filepath.Glob(filepath.Join(dir, "libwebkit2gtk-4.1.so.0")); err == nil && len(found) > 0 {
			webview.Level, webview.Detail = "ok", found[0]
		}
	}
	return []DoctorLine{display, webview}
}

// checkEncryption looks whether the folder lies on an encrypted volume: index
// and metadata rest on the disk's own encryption.
func checkEncryption(profile string) DoctorLine {
	line := DoctorLine{Name: "Disco cifrado", Level: "warning", Detail: "O disco não parece cifrado. Os textos e arquivos estão protegidos pela sua senha, mas listas e índices ficam legíveis para quem tiver o disco."}
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return line
	}
	device, longest := "", -1
	for entry := range strings.Lines(string(mounts)) {
		f := strings.Fields(entry)
		if len(f) > 1 && strings.HasPrefix(profile+"/", strings.TrimSuffix(f[1], "/")+"/") && len(f[1]) > longest {
			device, longest = f[0], len(f[1])
		}
	}
	if real, err := filepath.EvalSymlinks(device); err == nil {
		uuid, err := os.ReadFile("/sys/block/" + filepath.Base(real) + "/dm/uuid")
		if err == nil && strings.HasPrefix(string(uuid), "CRYPT-") {
			line.Level, line.Detail = "ok", "O disco é cifrado."
		}
	}
	return line
}
