package desktop

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/windows/registry"
)

// checkWebview looks for the WebView2 runtime, which Windows 11 and updated
// Windows 10 have.
func checkWebview(window bool) []DoctorLine {
	line := DoctorLine{Name: "Componente da janela (WebView2)", Level: "ok", Detail: "A janela está aberta."}
	if window {
		return []DoctorLine{line}
	}
	const client = `Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}`
	for _, at := range []struct {
		root registry.Key
		path string
	}{
		{registry.LOCAL_MACHINE, `SOFTWARE\WOW6432Node\` + client}, {registry.LOCAL_MACHINE, `SOFTWARE\` + client}, {registry.CURRENT_USER, `SOFTWARE\` + client},
	} {
		k, err := registry.OpenKey(at.root, at.path, registry.QUERY_VALUE)
		if err != nil {
			continue
		}
		version, _, err := k.GetStringValue("pv")
		k.Close() //nolint:errcheck // only read
		if err == nil && version != "" && version != "0.0.0.0" {
			line.Detail = "Versão " + version
			return []DoctorLine{line}
		}
	}
	line.Level, line.Detail = "problem", "O WebView2 não foi encontrado. Instale o \"WebView2 Runtime\" da Microsoft."
	return []DoctorLine{line}
}

// checkEncryption asks BitLocker about the folder's volume: index and metadata
// rest on the disk's own encryption.
func checkEncryption(profile string) DoctorLine {
	line := DoctorLine{Name: "Disco cifrado", Level: "warning", Detail: "Não foi possível confirmar que o disco é cifrado (BitLocker). Os textos e arquivos estão protegidos pela sua senha, mas listas e índices ficam legíveis para quem tiver o disco."}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// The shell's own property needs no administrator rights, unlike manage-bde.
	script := "(New-Object -ComObject Shell.Application).NameSpace('" + filepath.VolumeName(profile) + "').Self.ExtendedProperty('System.Volume.BitLockerProtection')"
	cmd := exec.CommandContext(ctx, "powershell", "-NoProfile", "-NonInteractive", "-Command", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	out, err := cmd.Output()
	if err == nil {
		switch strings.TrimSpace(string(out)) {
		case "1", "3", "5":
			line.Level, line.Detail = "ok", "O disco é cifrado (BitLocker)."
		}
	}
	return line
}
