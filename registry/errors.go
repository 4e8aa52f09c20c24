package registry

import "errors"

// Errors of Replace, Rollback and Delete, for errors.Is. Other errors are those of the store. After
// an error the old version is in force, with two exceptions: after ErrTooFewReplicas the new one is
// in force if ImportReport.Version is set, and after ErrOutcomeUnknown only Info tells.
var (
	ErrRefused        = errors.New("registry: refused")                      // because of the data or an argument; the text says what to change
	ErrImportRunning  = errors.New("registry: another import is running")    // try again later
	ErrSuperseded     = errors.New("registry: superseded by another change") // a newer import or a rollback took effect meanwhile
	ErrNotFound       = errors.New("registry: there is no such version")     // there is no list, or no previous version
	ErrTooFewReplicas = errors.New("registry: too few replicas have a copy") // see Import.Replicas
	ErrOutcomeUnknown = errors.New("registry: the outcome is not known")     // the connection broke while the version changed
)
