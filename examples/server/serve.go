package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The limits of a connection. A client that is slower holds up nobody but itself.
const (
	readHeaderTimeout = 2 * time.Second
	readTimeout       = 5 * time.Second
	timeToWrite       = 5 * time.Second // on top of the request's own deadline
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
)

// newHTTPServer sets the limits. The write timeout runs from the end of a request's header on, so
// it must outlast the request's own deadline: else the connection would be cut where an answer was
// due. Rules that are begun late have their whole time from then on.
func newHTTPServer(h http.Handler, c config, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      max(c.validateTimeout, 2*c.applyTimeout) + timeToWrite,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serve answers until ctx ends, and then lets the requests under way finish: their contexts are not
// ctx's children.
func serve(ctx context.Context, l net.Listener, h http.Handler, c config, log *slog.Logger) error {
	server := newHTTPServer(h, c, log)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("shutting down")
	limit := server.WriteTimeout + time.Second
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	err := server.Shutdown(grace)
	if err != nil {
		_ = server.Close()
		err = fmt.Errorf("requests that needed more than %v to finish were cut off: %w", limit, err)
	}
	if served := <-ended; err == nil && !errors.Is(served, http.ErrServerClosed) {
		err = served
	}
	return err
}
