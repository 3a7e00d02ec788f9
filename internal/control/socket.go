// Package control is the road of commands into a running node: HTTP over a socket in the node's data directory. Whoever may
// open that directory may use it, and nobody else: there is no other check, and none is needed, for the same user reads the
// node's keys. It gives no road to a traveller's data; alerts can be looked at.
package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

const (
	socketFile = "control.sock"
	// elsewhereFile names the socket where the directory's own path is too long for one.
	elsewhereFile = "control.path"
)

var (
	// ErrNotRunning: nobody answers at the directory's socket.
	ErrNotRunning = errors.New("no node is running in this directory; start it with `tims serve`")
	// ErrRunning: another process already serves the node of this directory.
	ErrRunning = errors.New("another process already serves the node of this directory")
)

// A Socket is claimed for one process and not answered yet.
type Socket struct {
	dir    string
	l      *net.UnixListener
	forgot sync.Once // a second time could remove the socket of the process that came after
}

// Listen claims the control socket of a node's directory, before the node is opened: ErrRunning where another process
// answers there. A socket that a killed process left is replaced.
func Listen(dir string) (*Socket, error) {
	old, err := socketOf(dir)
	if err != nil {
		return nil, err
	}
	if conn, err := net.DialTimeout("unix", old, dialTime); err == nil {
		conn.Close()
		return nil, ErrRunning
	}
	remove(dir, old)
	s := &Socket{dir: dir}
	path, err := s.place()
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if s.l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"}); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	s.l.SetUnlinkOnClose(false) // forget does, in the right order
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), s.Close())
	}
	return s, nil
}

// place chooses the socket's path. A long directory's socket lies in a private directory among the temporary files.
func (s *Socket) place() (string, error) {
	if path := filepath.Join(s.dir, socketFile); len(path) <= maxPath {
		return path, nil
	}
	private, err := os.MkdirTemp("", "tims-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(private, socketFile)
	if len(path) > maxPath {
		return "", errors.Join(fmt.Errorf("the paths of the data directory and of temporary files are too long for a socket (%d bytes)", maxPath),
			os.Remove(private))
	}
	return path, os.WriteFile(filepath.Join(s.dir, elsewhereFile), []byte(path+"\n"), 0o600)
}

// remove takes away a socket and, where it lay elsewhere, what named it. A crash in between leaves a name of nothing.
func remove(dir, path string) {
	os.Remove(path)
	if filepath.Dir(path) != filepath.Clean(dir) {
		os.Remove(filepath.Dir(path))
	}
	os.Remove(filepath.Join(dir, elsewhereFile))
}

func (s *Socket) forget() { s.forgot.Do(func() { remove(s.dir, s.l.Addr().String()) }) }

// Close gives the socket up. It may be called after Serve.
func (s *Socket) Close() error {
	s.forget()
	if err := s.l.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// socketOf finds the socket of a directory, whether anybody answers there or not.
func socketOf(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, elsewhereFile))
	if errors.Is(err, os.ErrNotExist) {
		return filepath.Join(dir, socketFile), nil
	}
	if err != nil {
		return "", fmt.Errorf("control socket: %w", err)
	}
	path := strings.TrimSpace(string(b))
	if len(path) > maxPath || filepath.Base(path) != socketFile || !strings.HasPrefix(filepath.Base(filepath.Dir(path)), "tims-") {
		return "", fmt.Errorf("control socket: %s names no socket", elsewhereFile)
	}
	return path, nil
}

// dial connects to the node of a directory.
func dial(ctx context.Context, dir string) (net.Conn, error) {
	path, err := socketOf(dir)
	if err != nil {
		return nil, err
	}
	if len(path) > maxPath {
		return nil, ErrNotRunning // a running node of so long a directory has named its socket
	}
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, os.ErrPermission):
		return nil, errors.New("the node of this directory runs as another user; run this command as that user")
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, ErrNotRunning
}
