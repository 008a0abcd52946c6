package central

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Timeouts of connections. Uploads and downloads extend theirs piece by piece.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 3 * time.Minute
	answerTimeout  = 4 * time.Minute
	idleTimeout    = 2 * time.Minute
	stopTimeout    = 20 * time.Second
	maxHeaderBytes = 32 << 10
)

// Serve answers on l until ctx ends, then lets running requests finish. certs
// are the files of certificate and key, or empty for a loopback or proxied
// listener.
func (s *Service) Serve(ctx context.Context, l net.Listener, certFile, keyFile string) error {
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: answerTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(s.hints.close) // open streams would keep the stop waiting
	defer s.background(ctx)()
	failed := make(chan error, 1)
	go func() {
		if certFile != "" {
			failed <- server.ServeTLS(l, certFile, keyFile)
			return
		}
		failed <- server.Serve(l)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return errors.Join(fmt.Errorf("stopping: %w", err), server.Close())
	}
	return s.SignCheckpoint(stopping) // what was answered last is covered too
}

// background runs what nobody asks for; the function that it returns ends it.
func (s *Service) background(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { s.sweeping(ctx) })
	running.Go(func() { s.checkpointing(ctx) })
	running.Go(func() { s.raising(ctx) })
	return func() { cancel(); running.Wait() }
}
