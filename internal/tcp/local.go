package tcp

import "net/netip"

// Local tells whether an IP address is of this machine alone, also where IPv6
// writes one of IPv4. What is no IP address is not.
func Local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
