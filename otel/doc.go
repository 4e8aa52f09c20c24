// Package dncotel measures checks and requests to Genesys Cloud with OpenTelemetry. It is a module of its own: the library itself
// links nothing of OpenTelemetry.
//
//	checker, err := dncotel.Checker(next, "dialer")         // a dnc.Checker
//	rule, err := dncotel.Rule(next, "calls")                // a dnc.Rule
//	err := dncotel.List("national", read)                   // size and age of a list
//	report, err := dncotel.Incidents()                      // for dnc.WithIncidents
//	checker := dnc.Protect(next, dnc.WithIncidents(report))
//	err := dncotel.OptOuts(intake)                          // an *optout.Intake
//	err := dncotel.Evidence(log)                            // an *evidence.Log
//	observer, err := dncotel.CampaignClient()               // for genesys.WithObserver
//	client, err := genesys.NewCampaignClient(source, genesys.WithObserver(observer))
//
// # What is measured
//
//	dnc.check.duration             histogram, s      checker, verdict (of a single check), batch ("true", "false")
//	dnc.check.batch.size           histogram         checker
//	dnc.decisions                  counter           checker, verdict, code
//	dnc.list.age                   gauge, s          list, source ("answers", "store")
//	dnc.list.size                  gauge             list
//	dnc.list.available             gauge, 0 or 1     list
//	dnc.incidents                  counter           event, list
//	dnc.incident.numbers           counter           event, list
//	dnc.breaker.open               gauge, 0 or 1     list
//	dnc.optouts.pending            gauge             target
//	dnc.optouts.overdue            gauge             target
//	dnc.optouts.oldest             gauge, s          target
//	dnc.optouts.held               gauge
//	dnc.evidence.records           gauge
//	dnc.evidence.lost              counter
//	dnc.evidence.writable          gauge, 0 or 1
//	dnc.evidence.checkpoint.saved  gauge, 0 or 1
//	dnc.genesys.request.duration   histogram, s      method, route, status
//	dnc.genesys.retries            counter           method, route
//	dnc.genesys.wait               counter, s        method, route
//
// The age of a list with the source "answers" is the time since the Date of the last reason that named
// it. It grows on while nobody asks. With the source "store" it is what List reads. Of two ages of a
// list the lower one is of the newer data. Lists without a Date, as a SET of Redis, have no age.
//
// Decisions that are in doubt are counted from zero, so that a rate sees the first one. Their code says
// why, also when a Fallback made Block of them.
//
// The example has all of it for Prometheus. dashboard.json and alerts.yml beside this file are a
// dashboard of Grafana and alert rules of Prometheus.
//
// # No telephone numbers
//
// No attribute and no span holds a telephone number or the text of an error. Codes are those of
// package dnc. "dnc_" and a list's name count as "listed", "geo_blocked_" and a level as
// "geo_blocked", and a code of a Checker of your own as "other". A list's name that package dnc
// would not accept, or that has more than six digits, counts as "other". So does each list
// after the first 100. Routes have "{id}" in place of ids and no query.
//
// An instrumented transport below a CampaignClient is not held to this: otelhttp records addresses,
// which have ids of contacts and queries. Give a CampaignClient an Observer in its place.
package dncotel
