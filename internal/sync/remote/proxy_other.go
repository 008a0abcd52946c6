//go:build !windows

package remote

// operatingSystemProxy: elsewhere the environment is the setting.
func operatingSystemProxy() (server, bypass string, found bool) { return "", "", false }
