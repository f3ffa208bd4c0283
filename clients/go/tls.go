package sitq

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
)

// TLS says how connections are encrypted. Certificates and keys are PEM, as bytes or as files. Files may be replaced at any time:
// each new connection has what they hold then. The zero value trusts the authorities of the system.
type TLS struct {
	// CA has the authorities that may have signed the server's certificate. Default: those of the system.
	CA []byte
	// CAFile is the file of CA.
	CAFile string
	// Cert is the client's certificate with its chain.
	Cert []byte
	// CertFile is the file of Cert.
	CertFile string
	// Key is the key of Cert.
	Key []byte
	// KeyFile is the file of Key.
	KeyFile string
	// ServerName is the name that the server's certificate must be for. Default: the host of the address.
	ServerName string
}

// tlsMaterial are the certificates as they were last read.
type tlsMaterial struct {
	given TLS
	warn  func(string)

	mu        sync.Mutex
	cert, key []byte
	roots     *x509.CertPool
	pair      *tls.Certificate
	complaint string
}

// tlsConfig makes the configuration of connections, which looks at the files for each.
func tlsConfig(given TLS, warn func(string)) (*tls.Config, error) {
	for _, part := range []struct {
		name  string
		value []byte
		file  string
	}{{"ca", given.CA, given.CAFile}, {"cert", given.Cert, given.CertFile}, {"key", given.Key, given.KeyFile}} {
		if part.value != nil && part.file != "" {
			return nil, invalid("tls."+part.name, "given twice: as bytes and as a file")
		}
	}
	if (given.Cert != nil || given.CertFile != "") != (given.Key != nil || given.KeyFile != "") {
		return nil, invalid("tls", "a client certificate needs both: certificate and key")
	}
	material := &tlsMaterial{given: given, warn: warn}
	if err := material.read(); err != nil {
		return nil, invalid("tls", err.Error())
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: given.ServerName,
		// The roots are those of the moment: VerifyConnection checks the chain and the name in place of the library.
		InsecureSkipVerify: true,
		VerifyConnection:   material.verify,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			_, pair := material.current()
			if pair == nil {
				return &tls.Certificate{}, nil
			}
			return pair, nil
		},
	}, nil
}

func (m *tlsMaterial) verify(state tls.ConnectionState) error {
	roots, _ := m.current()
	intermediates := x509.NewCertPool()
	for _, each := range state.PeerCertificates[1:] {
		intermediates.AddCert(each)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, DNSName: state.ServerName,
	})
	return err
}

// current returns what the files hold now; where that is not usable, what they held before.
func (m *tlsMaterial) current() (*x509.CertPool, *tls.Certificate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	complaint := ""
	if err := m.read(); err != nil {
		complaint = err.Error()
		if complaint != m.complaint {
			m.warn("going on with the last certificates: " + complaint)
		}
	}
	m.complaint = complaint
	return m.roots, m.pair
}

func (m *tlsMaterial) read() error {
	ca, err := pem("CA", m.given.CA, m.given.CAFile)
	if err != nil {
		return err
	}
	cert, err := pem("certificate", m.given.Cert, m.given.CertFile)
	if err != nil {
		return err
	}
	key, err := pem("key", m.given.Key, m.given.KeyFile)
	if err != nil {
		return err
	}
	var roots *x509.CertPool
	if len(ca) > 0 {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(ca) {
			return errors.New("the CA holds no certificate in PEM")
		}
	}
	var pair *tls.Certificate
	if len(cert) > 0 {
		if bytes.Equal(cert, m.cert) && bytes.Equal(key, m.key) {
			pair = m.pair
		} else if made, err := tls.X509KeyPair(cert, key); err != nil {
			return fmt.Errorf("the client certificate is not usable: %w", err)
		} else {
			pair = &made
		}
	}
	m.cert, m.key, m.roots, m.pair = cert, key, roots, pair
	return nil
}

func pem(name string, value []byte, file string) ([]byte, error) {
	if file == "" {
		return value, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the %s cannot be read: %w", name, err)
	}
	return content, nil
}
