package remote

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// CodeProxy says that the proxy that the system is set to cannot be used.
const CodeProxy sei.Code = "network.proxy"

// systemProxy gives the proxy for a request: what the environment says, else
// what the operating system is set to.
func systemProxy(r *http.Request) (*url.URL, error) {
	if proxy, err := http.ProxyFromEnvironment(r); proxy != nil || err != nil {
		return proxy, err
	}
	server, bypass, found := operatingSystemProxy()
	if !found || isLoopback(r.URL.Hostname()) || bypassed(r.URL.Hostname(), bypass) {
		return nil, nil
	}
	return proxyFor(r.URL.Scheme, server)
}

// proxyFor reads a Windows proxy setting: "host:port", or one for each scheme as
// in "http=host:port;https=host:port".
func proxyFor(scheme, setting string) (*url.URL, error) {
	for entry := range strings.SplitSeq(setting, ";") {
		name, address, each := strings.Cut(strings.TrimSpace(entry), "=")
		if !each {
			name, address = scheme, name
		}
		if !strings.EqualFold(name, scheme) || address == "" {
			continue
		}
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return nil, sei.Wrap(err, CodeProxy, "O endereço do proxy nas configurações do sistema não pode ser lido. Corrija-o ou avise o suporte.")
		}
		return u, nil
	}
	return nil, nil
}

// bypassed matches a host against a Windows list such as "*.rs.gov.br;<local>".
func bypassed(host, list string) bool {
	host = strings.ToLower(host)
	for entry := range strings.SplitSeq(strings.ToLower(list), ";") {
		entry = strings.TrimSpace(entry)
		prefix, suffix, wild := strings.Cut(entry, "*")
		switch {
		case entry == "":
		case entry == "<local>" && !strings.Contains(host, "."):
			return true
		case entry == host:
			return true
		case wild && len(host) >= len(prefix)+len(suffix) && strings.HasPrefix(host, prefix) && strings.HasSuffix(host, suffix):
			return true
		}
	}
	return false
}
