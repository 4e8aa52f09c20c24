// Package dncotel measures checks, and requests to Genesys Cloud, with OpenTelemetry. It is a
// module of its own, so that the library itself does not depend on OpenTelemetry.
//
//	checker, err := dncotel.Checker(next, "dialer")         // a dnc.Checker that measures next
//	rule, err := dncotel.Rule(next, "calls")                // a dnc.Rule that measures next
//	hook, err := dncotel.IncidentHook()
//	checker := dnc.Protect(next, dnc.WithIncidents(hook))
//	observer, err := dncotel.GenesysObserver()
//	client, err := genesys.NewCampaignClient(source, genesys.WithObserver(observer))
//	err := dncotel.ObserveList("national", read)            // size and age of a list
//	err := dncotel.ObserveOptOuts(intake)                   // an *optout.Intake
//	err := dncotel.ObserveEvidence(log)                     // an *evidence.Log
//
// The example wires up all of it for Prometheus. In the directory of this module, dashboard.json is
// a dashboard for Grafana, and alerts.yml has alert rules for Prometheus.
//
// # What is measured
//
//	metric                         type              attributes
//	dnc.check.duration             histogram, s      checker, verdict (of a single check), batch ("true", "false")
//	dnc.check.batch.size           histogram         checker
//	dnc.decisions                  counter           checker, verdict, code
//	dnc.list.age                   gauge, s          list, source ("answers", "store"), checker (of answers)
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
// The age of a list has two sources. "store" is the age of the data that [ObserveList] reads.
// "answers" is the age of the data in the last decision that named the list; it also grows while
// nobody asks. If a list has several ages, the lowest one is right. A list without a Date, such as a SET in
// Redis, has no age.
//
// Counters of undecided decisions begin at zero, so that a rate sees the first one. The code says
// why a decision is undecided, also if a Fallback turned it into Block.
//
// # No phone numbers
//
// No attribute and no span has a phone number or the text of an error. These values are replaced:
//
//	a code "dnc_<list>"             "listed"
//	a code "geo_blocked_<level>"    "geo_blocked"
//	a code of your own Checker      "other"
//	the name of a list              "other" if it has more than six digits, if package dnc would refuse it, or after the first 100 lists
//	ids in a route                  "{id}"; the query is left out
//
// An instrumented transport such as otelhttp records whole addresses, which have ids of contacts.
// Use [GenesysObserver] instead of it.
package dncotel
