package registry

import "strconv"

// keys are the names of a list's keys in Redis. docs/import.md says what lies in each.
type keys struct{ head string }

func newKeys(list string) keys { return keys{head: "dnc:list:" + list} }

// lease is held by the import that runs.
func (k keys) lease() string { return k.head + ":lease" }

// versions is the set of the versions that have keys.
func (k keys) versions() string { return k.head + ":imports" }

// shards is the set of the shards that a version has keys for.
func (k keys) shards(version string) string { return k.head + ":" + version + ":shards" }

// meta holds what the head says of a version, for a rollback.
func (k keys) meta(version string) string { return k.head + ":" + version + ":meta" }

// prefix is what the keys of a version's shards begin with.
func (k keys) prefix(version string) string { return k.head + ":" + version + ":" }

// shard holds the blocks of a shard.
func (k keys) shard(version string, shard uint64) string {
	return k.prefix(version) + strconv.FormatUint(shard, 10)
}

// uintText is a number as Redis has it in fields and members.
func uintText(n uint64) string { return strconv.FormatUint(n, 10) }
