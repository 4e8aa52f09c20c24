package registry

import "errors"

// Errors of Replace, Rollback and Delete that are not the store's, by errors.Is. The old version
// stays in force with each but the last two: with ErrReplicas the new one is in force if
// ImportReport.Version is set, and after ErrOutcomeUnknown only Info tells.
var (
	ErrRefused        = errors.New("registry: refused")                      // the data or the arguments; the text says what to change
	ErrBusy           = errors.New("registry: another import is under way")  // try again later
	ErrSuperseded     = errors.New("registry: overtaken by another change")  // a newer import or a rollback took effect meanwhile
	ErrNotFound       = errors.New("registry: there is no such version")     // no list, or no previous version to go back to
	ErrReplicas       = errors.New("registry: too few replicas have a copy") // see Import.Replicas
	ErrOutcomeUnknown = errors.New("registry: the outcome is not known")     // Redis broke off while the version changed
)
