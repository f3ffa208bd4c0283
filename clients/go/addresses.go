package sitq

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
)

var (
	webAddress   = regexp.MustCompile(`(?i)^(https?|grpcs?)://`)
	schemedName  = regexp.MustCompile(`(?i)^(?:(dns|ipv[46]|unix|unix-abstract):|([a-z][a-z0-9+.-]*):///)`)
	resolvedName = regexp.MustCompile(`^(dns|ipv4|ipv6|passthrough):(//[^/]*/)?`)
)

// addressesIn returns the addresses in a text: of one server, or of several that share their data, separated by commas. Behind "ipv4:" and
// "ipv6:" the scheme need not be repeated.
func addressesIn(text string) []string {
	parts := strings.Split(text, ",")
	first := schemeOf(text)
	if first != "ipv4" && first != "ipv6" {
		return parts
	}
	for i, part := range parts {
		if schemeOf(part) == "" {
			parts[i] = first + ":" + part
		}
	}
	return parts
}

// checkAddresses returns what is wrong with addresses that a text holds.
func checkAddresses(text string, addresses []string) error {
	for i, address := range addresses {
		problem := addressProblem(address)
		switch {
		case address == "" && len(addresses) > 1:
			return invalid("address", fmt.Sprintf("%q: there is no address at place %d", text, i+1))
		case problem != "":
			return invalid("address", fmt.Sprintf("%q: %s", address, problem))
		case slices.Index(addresses, address) != i:
			return invalid("address", fmt.Sprintf("%q: %q: given twice", text, address))
		case schemeOf(address) != schemeOf(addresses[0]):
			return invalid("address", fmt.Sprintf("%q: %q: give all addresses with the same scheme, or all without", text, address))
		}
	}
	return nil
}

// addressProblem says what is wrong with one address; empty: nothing.
func addressProblem(address string) string {
	if web := webAddress.FindString(address); web != "" {
		return "leave out " + web
	}
	if schemeOf(address) != "" {
		return ""
	}
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" || port == "0" {
		return "expected HOST:PORT, such as 127.0.0.1:50051, an IPv6 host in brackets"
	}
	return ""
}

func schemeOf(address string) string {
	found := schemedName.FindStringSubmatch(address)
	if found == nil {
		return ""
	}
	return strings.ToLower(found[1] + found[2])
}
