package remote

import "golang.org/x/sys/windows/registry"

const internetSettings = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`

// operatingSystemProxy reads the user's proxy setting. A configuration script
// (PAC) is not followed: its users set HTTPS_PROXY.
func operatingSystemProxy() (server, bypass string, found bool) {
	key, err := registry.OpenKey(registry.CURRENT_USER, internetSettings, registry.QUERY_VALUE)
	if err != nil {
		return "", "", false
	}
	defer key.Close()
	if enabled, _, err := key.GetIntegerValue("ProxyEnable"); err != nil || enabled == 0 {
		return "", "", false
	}
	if server, _, err = key.GetStringValue("ProxyServer"); err != nil || server == "" {
		return "", "", false
	}
	bypass, _, _ = key.GetStringValue("ProxyOverride") // none when it is not set
	return server, bypass, true
}
